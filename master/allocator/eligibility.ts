import { isHierarchical } from '../../common/roles.ts';
import type { Resources } from '../../common/resources.ts';
import type { AgentState } from './agent-state.ts';
import type { FrameworkState } from './framework-state.ts';

/** What decides besides the parties' own capabilities. */
export interface EligibilityRules {
  /** Agents that have GPUs are for GPU_RESOURCES frameworks alone (`--filter_gpu_resources`). */
  readonly filterGpuResources: boolean;
  /** The master's region; agents in another one are remote. */
  readonly region: string | undefined;
}

/** Whether the framework can deal with anything at all of that agent in that role. */
export function isEligible(
  agent: AgentState,
  framework: FrameworkState,
  { role, rules }: { readonly role: string; readonly rules: EligibilityRules },
): boolean {
  const { capabilities } = framework;
  if (capabilities.has('MULTI_ROLE') && !agent.capabilities.has('MULTI_ROLE')) return false;
  if (isHierarchical(role) && !agent.capabilities.has('HIERARCHICAL_ROLE')) return false;
  if (isRemote(agent, rules) && !capabilities.has('REGION_AWARE')) return false;
  const hidesGpus = rules.filterGpuResources && !capabilities.has('GPU_RESOURCES');
  return !(hidesGpus && agent.total.milli('gpus') > 0);
}

const isRemote = (agent: AgentState, { region }: EligibilityRules): boolean =>
  region !== undefined && agent.region !== undefined && agent.region !== region;

/** Without what the framework would not understand: shared, revocable, refined reservations. */
export function usableBy(framework: FrameworkState, resources: Resources): Resources {
  const { capabilities } = framework;
  return resources.filter(
    (kind) =>
      (!kind.shared || capabilities.has('SHARED_RESOURCES')) &&
      (!kind.revocable || capabilities.has('REVOCABLE_RESOURCES')) &&
      (kind.reservations.length < 2 || capabilities.has('RESERVATION_REFINEMENT')),
  );
}
