import { LauncherHost } from '../agent/containerizer/launcher/host/launcher-host.ts';
import { LineReader, type Order } from '../agent/containerizer/launcher/host/protocol.ts';
import { isStarting, sandboxOf, usageOf } from '../agent/containerizer/launcher/node/proc.ts';
import { RunStarter } from '../agent/containerizer/launcher/node/run-starter.ts';
import { NodeClock } from '../libprocess/node/node-clock.ts';
import { NodeDisk } from '../libprocess/node/node-disk.ts';
import { NodeSubprocesses } from '../libprocess/node/subprocess/node-subprocesses.ts';

/*
 * The launcher subprocess of an agent: `node mesos-launcher.js`, started by it. Orders on stdin,
 * reports on stdout, one JSON object a line. It ends by itself some time after its stdin has.
 */
const world = {
  clock: new NodeClock(),
  disk: new NodeDisk(),
  subprocesses: new NodeSubprocesses(),
  schedule: (thunk: () => void) => void setImmediate(thunk),
  starter: (hello: ConstructorParameters<typeof RunStarter>[0]) => new RunStarter(hello),
  sandboxOf,
  isStarting,
  usageOf,
};
const host = new LauncherHost(world, (report) => {
  process.stdout.write(`${JSON.stringify(report)}\n`);
});
const reader = new LineReader((line) => {
  host.follow(JSON.parse(line) as Order); // Our own agent wrote it.
});

// An agent that is gone reads no reports.
process.stdout.on('error', () => undefined);
// Ctrl-C in the agent's terminal is for the agent to handle; its end ends us too.
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);

process.stdin.setEncoding('utf8');
process.stdin.on('data', (text: string) => {
  reader.push(text);
});
process.stdin.on('error', () => undefined);
process.stdin.on('close', () => {
  void host.orphaned().finally(() => process.exit(0));
});
