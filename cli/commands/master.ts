import { resolve } from 'node:path';
import type { ProcessManager } from '../../libprocess/index.ts';
import {
  InMemoryStorage,
  LocalLogStorage,
  type MasterFlags,
  type Storage,
} from '../../master/index.ts';
import { defineCommand } from '../command.ts';
import { composeMaster } from '../compose-master.ts';
import { openNode } from '../daemon/open-node.ts';
import { CommandError, UsageError } from '../errors.ts';
import { EX_FAILED, EX_OK } from '../exit-codes.ts';
import type { FlagValues } from '../flags/flag-table.ts';
import { MASTER_FLAGS } from '../flags/master-flags.ts';
import { aborted } from '../host.ts';

type Flags = FlagValues<typeof MASTER_FLAGS>;

export const MASTER = defineCommand({
  flags: MASTER_FLAGS,
  examples: [
    'mesos master --work_dir=/var/lib/mesos/master',
    'mesos master --ip=10.0.0.1 --work_dir=/var/lib/mesos/master --hostname=m1.example.com',
  ],
  async run({ host, flags, shown }) {
    if (flags.registry === 'replicated_log' && flags.work_dir === undefined) {
      throw new UsageError("Flag 'work_dir' is required, unless --registry=in_memory");
    }
    await using node = await openNode(flags, host);
    const storage = await openStorage(flags, node);
    await using master = composeMaster({ node, storage, flags: masterFlags(flags, shown) });
    host.stdout.write(`mesos-master is listening as ${master.pid.toString()}\n`);
    host.supervisor?.ready(node.address);
    const ended = aborted(host.stop, ...(host.supervisor ? [host.supervisor.gone] : []));
    const failure = await Promise.race([ended, master.failed]);
    if (failure !== undefined) throw new CommandError(failure, EX_FAILED);
    node.runtime.logger.info('Stopping', { why: 'asked to' });
    return EX_OK;
  },
});

function openStorage(flags: Flags, { runtime }: ProcessManager): Promise<Storage> {
  if (flags.registry === 'in_memory') return Promise.resolve(new InMemoryStorage());
  const directory = resolve(flags.work_dir ?? '.');
  return LocalLogStorage.open({ disk: runtime.disk, random: runtime.random, directory });
}

function masterFlags(flags: Flags, shown: Readonly<Record<string, string>>): MasterFlags {
  return {
    hostname: flags.hostname,
    agentPingTimeoutMs: flags.agent_ping_timeout,
    maxAgentPingTimeouts: flags.max_agent_ping_timeouts,
    agentReregisterTimeoutMs: flags.agent_reregister_timeout,
    agentRemovalRateLimit: flags.agent_removal_rate_limit,
    recoveryAgentRemovalLimit: flags.recovery_agent_removal_limit,
    registryStoreTimeoutMs: flags.registry_store_timeout,
    registryFetchTimeoutMs: flags.registry_fetch_timeout,
    registryGcIntervalMs: flags.registry_gc_interval,
    registryMaxAgentAgeMs: flags.registry_max_agent_age,
    registryMaxAgentCount: flags.registry_max_agent_count,
    allocationIntervalMs: flags.allocation_interval,
    minAllocatableResources: flags.min_allocatable_resources,
    offerTimeoutMs: flags.offer_timeout,
    maxCompletedFrameworks: flags.max_completed_frameworks,
    maxCompletedTasksPerFramework: flags.max_completed_tasks_per_framework,
    maxUnreachableTasksPerFramework: flags.max_unreachable_tasks_per_framework,
    rootSubmissions: flags.root_submissions,
    publishPerFrameworkMetrics: flags.publish_per_framework_metrics,
    shown,
  };
}
