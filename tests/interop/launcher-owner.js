/*
 * An agent that does nothing but own a launcher: `node launcher-owner.js <directory> <count>`
 * launches so many tasks, says so, and waits to be killed.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const dist = new URL('../../dist/', import.meta.url);
const load = (path) => import(new URL(path, dist));
const { openNodeLauncher } = await load('agent/containerizer/launcher/node/node-launcher.js');
const { nodeRuntime } = await load('libprocess/node/node-runtime.js');
const { NodeNetwork } = await load('libprocess/node/node-network.js');

const [directory, count] = process.argv.slice(2);
const runtime = nodeRuntime({ network: new NodeNetwork() });
const launcher = await openNodeLauncher(runtime, {
  runtimeDirectory: join(directory, 'runtime'),
  recoveryTimeoutMs: 60_000,
});
const ids = Array.from({ length: Number(count) }, (_, index) => `task-${index}`);
const identities = await Promise.all(
  ids.map((containerId, index) => {
    const sandbox = join(directory, 'sandboxes', containerId);
    mkdirSync(sandbox, { recursive: true });
    return launcher.launch({
      containerId,
      // Each ends with its own number once it is told to, which is after we are dead.
      argv: [
        '/bin/sh',
        '-c',
        `while [ ! -e "$0/go" ]; do sleep 0.02; done; exit ${index}`,
        directory,
      ],
      environment: { PATH: '/usr/bin:/bin', MESOS_SANDBOX: sandbox },
      sandbox,
      stdout: join(sandbox, 'stdout'),
      stderr: join(sandbox, 'stderr'),
      checkpoint: true,
    });
  }),
);
process.stdout.write(`${JSON.stringify(identities)}\n`);
setInterval(() => undefined, 60_000);
