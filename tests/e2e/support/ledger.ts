import type { TaskState, TaskStatus } from '../../../proto/index.ts';

/** What a scheduler was told of one task. */
export interface TaskStory {
  readonly states: readonly TaskState[];
  readonly last: TaskStatus;
  /** Updates that came again: an agent killed before it has recorded an acknowledgement repeats. */
  readonly repeats: number;
}

/**
 * Reads updates, in the order in which they came, as stories. Throws for one that came after a
 * later one of its task, that changed under its UUID, or that no executor made.
 */
export function storiesOf(updates: readonly TaskStatus[]): ReadonlyMap<string, TaskStory> {
  const stories = new Map<string, { states: TaskState[]; last: TaskStatus; repeats: number }>();
  const known = new Map<string, TaskState>();
  for (const update of updates) {
    const { task_id, state, uuid } = update;
    const key = Buffer.from(uuid ?? []).toString('hex');
    const of = `${state} of ${task_id.value}`;
    if (key === '') throw new Error(`${of} has no UUID: ${update.message ?? ''}`);
    const story = stories.get(task_id.value);
    const before = known.get(key);
    known.set(key, state);
    if (before === undefined) {
      const states = [...(story?.states ?? []), state];
      stories.set(task_id.value, { states, last: update, repeats: story?.repeats ?? 0 });
    } else if (before !== state || !story || keyOf(story.last) !== key) {
      throw new Error(`${of} came again after a later update, or as another than before`);
    } else story.repeats += 1;
  }
  return stories;
}

const keyOf = ({ uuid }: TaskStatus): string => Buffer.from(uuid ?? []).toString('hex');
