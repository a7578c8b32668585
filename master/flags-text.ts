import { printDuration } from '../libprocess/duration.ts';
import type { MasterFlags } from './flags.ts';

/** The flags as `/flags` shows them: by name, as they would be given on a command line. */
export function flagTexts(flags: MasterFlags): Readonly<Record<string, string>> {
  const { agentRemovalRateLimit: limit, offerTimeoutMs } = flags;
  const own: Record<string, string> = {
    agent_ping_timeout: printDuration(flags.agentPingTimeoutMs),
    agent_reregister_timeout: printDuration(flags.agentReregisterTimeoutMs),
    allocation_interval: printDuration(flags.allocationIntervalMs),
    allocator: 'hierarchical',
    max_agent_ping_timeouts: String(flags.maxAgentPingTimeouts),
    max_completed_frameworks: String(flags.maxCompletedFrameworks),
    max_completed_tasks_per_framework: String(flags.maxCompletedTasksPerFramework),
    max_unreachable_tasks_per_framework: String(flags.maxUnreachableTasksPerFramework),
    min_allocatable_resources: flags.minAllocatableResources
      .map((quantities) => quantities.toString().replaceAll(' ', ''))
      .join('|'),
    publish_per_framework_metrics: String(flags.publishPerFrameworkMetrics),
    recovery_agent_removal_limit: `${flags.recoveryAgentRemovalLimit * PERCENT}%`,
    registry_fetch_timeout: printDuration(flags.registryFetchTimeoutMs),
    registry_gc_interval: printDuration(flags.registryGcIntervalMs),
    registry_max_agent_age: printDuration(flags.registryMaxAgentAgeMs),
    registry_max_agent_count: String(flags.registryMaxAgentCount),
    registry_store_timeout: printDuration(flags.registryStoreTimeoutMs),
    root_submissions: String(flags.rootSubmissions),
  };
  if (limit) {
    own['agent_removal_rate_limit'] = `${limit.permits}/${printDuration(limit.perMs)}`;
  }
  if (offerTimeoutMs !== undefined) own['offer_timeout'] = printDuration(offerTimeoutMs);
  if (flags.hostname !== undefined) own['hostname'] = flags.hostname;
  const all = Object.entries({ ...own, ...flags.shown });
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const PERCENT = 100;
