import type { Millis } from '../../../libprocess/clock.ts';
import { isTerminal } from '../../../common/task-state.ts';
import type { TaskState } from '../../../proto/index.ts';
import type { Cluster } from '../../../testing/cluster.ts';
import { ask, UnansweredError } from '../ask.ts';

const LOOKS_EVERY_MS: Millis = 1_000;
/** Ten minutes to reregister, ten of back-off, and a little more. */
const EQUAL_WITHIN_MS: Millis = 25 * 60_000;

export class TasksDifferError extends Error {
  readonly code = 'TASKS_DIFFER';
}

interface Shown {
  readonly id: string;
  readonly state: TaskState;
}

interface ShownByAgent {
  readonly id: string;
  readonly frameworks: readonly {
    readonly id: string;
    readonly executors: readonly {
      readonly tasks: readonly Shown[];
      readonly queued_tasks: readonly Shown[];
    }[];
  }[];
}

interface ShownByMaster {
  readonly frameworks: readonly {
    readonly id: string;
    readonly tasks: readonly (Shown & { readonly slave_id: string })[];
  }[];
}

/**
 * M6, U9: while tasks run and nothing breaks any more, there comes a moment in which the master has the
 * tasks that the agents have, in the same states, and no others.
 */
export async function checkTasks(cluster: Cluster): Promise<void> {
  const { sim } = cluster;
  const endsAtMs = sim.nowMs + EQUAL_WITHIN_MS;
  let difference = await look(cluster);
  while (difference !== undefined && sim.nowMs < endsAtMs) {
    await sim.advance(LOOKS_EVERY_MS);
    difference = await look(cluster);
  }
  if (difference !== undefined) throw new TasksDifferError(`M6: ${difference}`);
}

/** Agents that are recovering say nothing yet. */
async function look(cluster: Cluster): Promise<string | undefined> {
  try {
    return await differenceOf(cluster);
  } catch (error) {
    if (error instanceof UnansweredError) return error.message;
    throw error;
  }
}

/** What agents run, or are to run, that has not ended: `framework task agent`, and its state. */
export async function heldBy(cluster: Cluster): Promise<Map<string, TaskState>> {
  const held = new Map<string, TaskState>();
  for (const { node, process, agent } of cluster.agents) {
    if (!process.alive || !agent.stopped.isPending) continue;
    const { id, frameworks } = await ask<ShownByAgent>(cluster, node, '/slave(1)/state');
    for (const framework of frameworks) {
      for (const { tasks, queued_tasks } of framework.executors) {
        for (const task of [...tasks, ...queued_tasks])
          held.set(`${framework.id} ${task.id} ${id}`, task.state);
      }
    }
  }
  return held;
}

async function differenceOf(cluster: Cluster): Promise<string | undefined> {
  const held = await heldBy(cluster);
  const { frameworks } = await ask<ShownByMaster>(cluster, cluster.masterNode, '/master/state');
  for (const framework of frameworks) {
    for (const { id, slave_id, state } of framework.tasks) {
      if (isTerminal(state)) continue;
      const key = `${framework.id} ${id} ${slave_id}`;
      const there = held.get(key);
      held.delete(key);
      if (there !== state)
        return `the master has ${state} of '${key}', and the agent ${there ?? 'nothing'}`;
    }
  }
  const [only] = held;
  return only && `an agent has ${only[1]} of '${only[0]}', and the master nothing`;
}
