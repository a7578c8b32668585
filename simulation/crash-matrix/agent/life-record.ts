import { isTerminal } from '../../../common/task-state.ts';
import type { TaskStatus } from '../../../proto/index.ts';

/** What the framework of the story must not forget, as if written to a disk at once. */
export class LifeRecord {
  frameworkId: string | undefined;
  /** The agent of each task, from before its launch. */
  readonly launchedOn = new Map<string, string>();
  readonly killed = new Set<string>();
  readonly history = new Map<string, TaskStatus[]>();
  /** Whether the last task may be launched: all others are over. */
  last = false;

  /** Hears of each status. */
  onStatus: (status: TaskStatus) => void = () => undefined;

  note(status: TaskStatus): void {
    this.onStatus(status);
    const taskId = status.task_id.value;
    this.history.set(taskId, [...(this.history.get(taskId) ?? []), status]);
  }

  /** The tasks' own updates, not the master's answers. */
  ownOf(taskId: string): readonly TaskStatus[] {
    return (this.history.get(taskId) ?? []).filter(({ uuid }) => uuid !== undefined);
  }

  isOver(taskId: string): boolean {
    const last = this.history.get(taskId)?.at(-1);
    return last !== undefined && isTerminal(last.state);
  }
}
