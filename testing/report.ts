import type { Simulation } from '../libprocess/sim/index.ts';
import type { ClusterState } from './cluster-state.ts';
import { seconds, type History } from './history.ts';
import type { TestHost } from './test-host.ts';

interface Seen {
  readonly hosts: readonly TestHost[];
  /** Undefined if no master runs. */
  readonly state: ClusterState | undefined;
  readonly history: History;
}

/** What a cluster looks like at this moment, and what it did last, for the message of an error. */
export function report({ world, nowMs }: Simulation, { hosts, state, history }: Seen): string {
  const down = hosts.filter(({ running }) => !running);
  return [
    `Seed ${world.seed}, ${seconds(nowMs)} after the cluster began.`,
    ...down.map(({ name, ended }) => `${name} does not run: ${ended}`),
    ...(state ? lines(state) : []),
    ...history.lines(),
  ].join('\n');
}

function lines({ leading, agents, frameworks, tasks }: ClusterState): readonly string[] {
  if (!leading) return ['The master recovers its registry.'];
  const each = agents.map(({ hostname, active }) => `${hostname}${active ? '' : ' (inactive)'}`);
  return [
    `Agents: ${each.join(', ') || 'none'}`,
    ...frameworks.map(({ id, name, active, completed, offers }) => {
      const own = tasks.filter(({ frameworkId }) => frameworkId === id);
      const is = completed ? 'completed' : active ? 'active' : 'inactive';
      return `Framework ${name}: ${is}, holds ${offers} offers, tasks: ${countStates(own)}`;
    }),
  ];
}

function countStates(tasks: ClusterState['tasks']): string {
  const counts = new Map<string, number>();
  for (const { state } of tasks) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ') || 'none';
}
