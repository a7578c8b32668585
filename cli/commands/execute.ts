import { userInfo } from 'node:os';
import { startNode } from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import { splitHostPort } from '../../libprocess/ip.ts';
import { readNodeOptions } from '../../libprocess/options/node-options.ts';
import { readHttpLimits } from '../../libprocess/options/http-limits.ts';
import { readSslOptions } from '../../libprocess/options/ssl-options.ts';
import { StandaloneDetector } from '../../common/detector.ts';
import type { CommandInfo, FrameworkInfo } from '../../proto/index.ts';
import { defineCommand } from '../command.ts';
import { localAddressTo, reach } from '../daemon/reach.ts';
import { openLogger } from '../daemon/logging.ts';
import { resolveMaster } from '../daemon/master-address.ts';
import { CommandError } from '../errors.ts';
import { EX_FAILED, EX_OK, EX_UNREACHABLE } from '../exit-codes.ts';
import { ExecuteScheduler, type ExecuteOptions } from '../execute/execute-scheduler.ts';
import { EXECUTE_FLAGS } from '../flags/execute-flags.ts';
import type { FlagValues } from '../flags/flag-table.ts';
import { aborted } from '../host.ts';

type Flags = FlagValues<typeof EXECUTE_FLAGS>;

/** A master that has not answered by then is looked for, so that a wrong address is told. */
const PATIENCE_MS = 3_000;

export const EXECUTE = defineCommand({
  flags: EXECUTE_FLAGS,
  examples: [
    "mesos execute --name=hello --command='echo hello'",
    "mesos execute --name=nap --command='sleep 5' --instances=10 --resources='cpus:0.1;mem:32'",
  ],
  async run({ host, flags }) {
    const master = await resolveMaster(flags.master);
    const logger = openLogger(
      { logging_level: 'WARNING', log_format: 'text', quiet: false },
      host.stderr,
    );
    const network = new NodeNetwork({
      ssl: readSslOptions(host.env),
      http: readHttpLimits(host.env),
      logger,
    });
    const runtime = nodeRuntime({ network, logger });
    const chosen = readNodeOptions(host.env).ip;
    const ip = chosen ?? (await localAddressTo(splitHostPort(master.address).host));
    await using node = await startNode({
      runtime,
      ip,
      environment: host.env,
      onFatal: (error) => {
        throw error;
      },
    });
    const scheduler = new ExecuteScheduler({
      ...optionsOf(flags),
      master: new StandaloneDetector(master),
      print: (text) => {
        host.stdout.write(text);
      },
      explain: (text) => {
        host.stderr.write(`${text}\n`);
      },
    });
    const ended = scheduler.run(node);
    const patience = setTimeout(() => {
      if (scheduler.subscribed) return;
      void reach(network, master.address).then((reason) => {
        if (reason === undefined || scheduler.subscribed) return;
        unreachable = reason;
        scheduler.abort();
      });
    }, PATIENCE_MS);
    let unreachable: string | undefined;
    void aborted(host.stop).then(() => {
      host.stderr.write('Stopping: what still runs is killed\n');
      scheduler.stop();
    });
    await ended;
    clearTimeout(patience);
    if (unreachable !== undefined) throw noMaster(flags.master, unreachable);
    const { failure, succeeded } = scheduler;
    if (failure !== undefined) throw new CommandError(`The master refuses: ${failure}`, EX_FAILED);
    return succeeded ? EX_OK : EX_FAILED;
  },
});

export const noMaster = (address: string, reason: string): CommandError =>
  new CommandError(
    `No master answers at ${address}: ${reason}`,
    EX_UNREACHABLE,
    'Give its address by --master=HOST:PORT, or start a cluster here with `mesos local`.',
  );

type SchedulerPart = Omit<ExecuteOptions, 'master' | 'print' | 'explain'>;

function optionsOf(flags: Flags): SchedulerPart {
  const framework: FrameworkInfo = {
    user: userInfo().username,
    name: `mesos-execute instance`,
    role: flags.role,
    checkpoint: flags.checkpoint,
    capabilities: [{ type: 'TASK_KILLING_STATE' }, { type: 'PARTITION_AWARE' }],
    ...(flags.principal !== undefined && { principal: flags.principal }),
  };
  const command = commandOf(flags);
  const names = Array.from({ length: flags.instances }, (_, index) =>
    flags.instances === 1 ? flags.name : `${flags.name}-${String(index)}`,
  );
  return {
    framework,
    tasks: names.map((name) => ({ name, task_id: { value: name }, command })),
    resources: flags.resources,
    role: flags.role,
    killAfterMs: flags.kill_after,
  };
}

function commandOf({ command, shell, env }: Flags): CommandInfo {
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }));
  return {
    value: command,
    shell,
    ...(!shell && { arguments: [command] }),
    ...(variables.length > 0 && { environment: { variables } }),
  };
}
