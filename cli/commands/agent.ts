import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openNodeLauncher, type Agent, type AgentFlags } from '../../agent/index.ts';
import { StandaloneDetector } from '../../common/detector.ts';
import { dispatch } from '../../libprocess/index.ts';
import { isLoopback } from '../../libprocess/ip.ts';
import { defineCommand } from '../command.ts';
import { composeAgent } from '../compose-agent.ts';
import { resolveMaster } from '../daemon/master-address.ts';
import { openNode } from '../daemon/open-node.ts';
import { CommandError } from '../errors.ts';
import { EX_FAILED, EX_OK } from '../exit-codes.ts';
import { AGENT_FLAGS } from '../flags/agent-flags.ts';
import type { FlagValues } from '../flags/flag-table.ts';
import { aborted, type Host } from '../host.ts';

type Flags = FlagValues<typeof AGENT_FLAGS>;

const ROOT_UID = 0;

export const AGENT = defineCommand({
  flags: AGENT_FLAGS,
  examples: [
    'mesos agent --master=127.0.0.1:5050 --work_dir=/var/lib/mesos/agent',
    "mesos agent --master=m1:5050 --ip=10.0.0.2 --work_dir=/data --resources='cpus:4;mem:4096' --attributes=rack:r1",
  ],
  async run({ host, flags, shown }) {
    const master = await resolveMaster(flags.master);
    await using node = await openNode(flags, host);
    await using agent = await composeAgent({
      node,
      flags: agentFlags(flags, shown),
      detector: new StandaloneDetector(master),
      launcher: openNodeLauncher,
    });
    host.stdout.write(`mesos-agent is listening as ${agent.pid.toString()}\n`);
    host.supervisor?.ready(node.address);
    const reason = await ended(host, agent);
    if (reason !== undefined) throw new CommandError(reason, EX_FAILED);
    node.runtime.logger.info('Stopping', { why: 'asked to' });
    return EX_OK;
  },
});

/** Resolves when the agent is to stop or has stopped: to the reason if that was not wished for. */
async function ended(
  { stop, unregister, supervisor }: Host,
  agent: Agent,
): Promise<string | undefined> {
  // With a supervisor the agent is part of a local cluster, which leaves no tasks behind.
  const leave = supervisor ? aborted(unregister, stop, supervisor.gone) : aborted(unregister);
  const left = leave.then(() => {
    dispatch(agent.pid, 'unregister');
    return agent.stopped;
  });
  const stopped = supervisor ? left : aborted(stop).then(() => undefined);
  return Promise.race([stopped, left, agent.stopped]);
}

function agentFlags(flags: Flags, shown: Readonly<Record<string, string>>): AgentFlags {
  return {
    workDirectory: resolve(flags.work_dir),
    runtimeDirectory: resolve(flags.runtime_dir ?? defaultRuntimeDirectory()),
    hostname: flags.hostname ?? (isLoopback(flags.ip) ? 'localhost' : hostname()),
    resources: flags.resources,
    attributes: flags.attributes,
    checkpoint: flags.checkpoint,
    recover: flags.recover,
    strict: flags.strict,
    // Nobody but root can.
    switchUser: flags.switch_user && process.getuid?.() === ROOT_UID,
    registrationBackoffFactorMs: flags.registration_backoff_factor,
    executorRegistrationTimeoutMs: flags.executor_registration_timeout,
    executorReregistrationTimeoutMs: flags.executor_reregistration_timeout,
    executorShutdownGracePeriodMs: flags.executor_shutdown_grace_period,
    recoveryTimeoutMs: flags.recovery_timeout,
    statusUpdateRetryIntervalMsMin: flags.status_update_retry_interval_min,
    statusUpdateRetryIntervalMsMax: flags.status_update_retry_interval_max,
    gcDelayMs: flags.gc_delay,
    gcDiskHeadroom: flags.gc_disk_headroom,
    diskWatchIntervalMs: flags.disk_watch_interval,
    completedFrameworksMax: flags.max_completed_frameworks,
    completedExecutorsPerFrameworkMax: flags.max_completed_executors_per_framework,
    completedTasksPerExecutorMax: flags.max_completed_tasks_per_executor,
    shown,
  };
}

const defaultRuntimeDirectory = (): string =>
  process.getuid?.() === ROOT_UID ? '/var/run/mesos' : join(tmpdir(), 'mesos', 'runtime');
