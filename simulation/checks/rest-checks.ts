import { masterOn } from '../../testing/cluster-state.ts';
import type { Cluster } from '../../testing/cluster.ts';
import type { MetricsChecks } from './metrics-checks.ts';
import type { FrameworkMember } from '../framework-member.ts';

const LOOKS_EVERY_MS = 5_000;
/** Ten minutes to reregister, ten of back-off, and a little more. */
const REST_WITHIN_MS = 25 * 60_000;

type Values = Readonly<Record<string, number>>;

/**
 * M15, A1, O5, P12: all that is left of a healed cluster whose tasks are over is everyone registered,
 * nothing in use, and offers that go on flowing.
 */
export async function checkRest(
  cluster: Cluster,
  frameworks: readonly FrameworkMember[],
  metrics: MetricsChecks,
): Promise<void> {
  const { sim } = cluster;
  const offersBefore = frameworks.map(({ record }) => record.offers);
  const endsAtMs = sim.nowMs + REST_WITHIN_MS;
  let missing: readonly string[] = [];
  do {
    await sim.advance(LOOKS_EVERY_MS);
    missing = await unrest(cluster, frameworks.length, metrics);
    for (const [index, { record, name }] of frameworks.entries()) {
      if (record.offers === offersBefore[index]) missing = [...missing, `offers for '${name}'`];
    }
  } while (missing.length > 0 && sim.nowMs < endsAtMs);
  if (missing.length > 0) throw new Error(`After all was healed: ${missing.join(', ')}`);
  if (cluster.failures.length > 0) throw new Error(cluster.failures.join());
}

/** M15: who is not registered, or not active; for people. */
export function whoIsAway(
  cluster: Cluster,
  frameworks: readonly FrameworkMember[],
): readonly string[] {
  const state = masterOn(cluster.masterNode)?.state;
  if (!state) return ['a master that leads'];
  const active = [...state.frameworks.registered.values()].filter((one) => one.active);
  const ids = new Set<string>(active.map(({ id }) => id));
  const away = frameworks.filter(({ record }) => !ids.has(record.frameworkId ?? ''));
  const agents = [...state.agents.registered.values()].filter((one) => one.active);
  const missing = cluster.agents.length - agents.length;
  return [...away.map(({ name }) => name), ...(missing === 0 ? [] : [`${missing} agents`])];
}

/** What is not as it must be, by name and value. */
async function unrest(
  cluster: Cluster,
  frameworks: number,
  metrics: MetricsChecks,
): Promise<readonly string[]> {
  const agents = cluster.agents.length;
  const master = await metrics.of(cluster.sim, cluster.masterNode);
  const wrong = differences(master, {
    'master/slaves_active': agents,
    'master/slaves_connected': agents,
    'master/frameworks_active': frameworks,
    'master/frameworks_connected': frameworks,
    'master/cpus_used': 0,
    'master/mem_used': 0,
    'master/tasks_staging': 0,
    'master/tasks_starting': 0,
    'master/tasks_running': 0,
    'master/tasks_killing': 0,
  });
  for (const { node, machine } of cluster.agents) {
    const agent = await metrics.of(cluster.sim, node);
    // Executors of frameworks stay as long as these do.
    const rest = { 'slave/registered': 1, 'slave/tasks_running': 0 };
    wrong.push(...differences(agent, rest).map((each) => `${each} on ${machine.name}`));
  }
  return wrong;
}

function differences(values: Values, expected: Values): string[] {
  return Object.entries(expected)
    .filter(([name, value]) => values[name] !== value)
    .map(([name, value]) => `${name} is ${String(values[name])} and not ${value}`);
}
