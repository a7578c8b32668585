import type { TaskId } from '../../common/ids.ts';
import { isTerminal } from '../../common/task-state.ts';
import type { TaskRecord } from './task-record.ts';

/**
 * The tasks of a framework that are on agents, one for each id. An id may be in use again on another agent
 * while the agent of the former task still has it, live or ended and not acknowledged, as masters see
 * that were elected since. Each agent keeps its own. Of these one stands for the id here: the one that was
 * there first, unless it has ended; when it goes, the next one does.
 */
export class FrameworkTasks {
  readonly #shown = new Map<TaskId, TaskRecord>();
  readonly #others = new Map<TaskId, readonly TaskRecord[]>();

  has(id: TaskId): boolean {
    return this.#shown.has(id);
  }

  get(id: TaskId): TaskRecord | undefined {
    return this.#shown.get(id);
  }

  values(): IterableIterator<TaskRecord> {
    return this.#shown.values();
  }

  /** In the place of the one of that id on the same agent, if there is one. */
  add(task: TaskRecord): void {
    const { taskId: id, agentId } = task;
    const known = this.#shown.get(id);
    this.#keep(id, (other) => other.agentId !== agentId);
    if (!known || known.agentId === agentId) {
      this.#shown.set(id, task);
      return;
    }
    const [shown, other] = isTerminal(known.state) ? [task, known] : [known, task];
    this.#shown.set(id, shown);
    this.#others.set(id, [...(this.#others.get(id) ?? []), other]);
  }

  delete(task: TaskRecord): void {
    const { taskId: id } = task;
    if (this.#shown.get(id) !== task) {
      this.#keep(id, (other) => other !== task);
      return;
    }
    const others = this.#others.get(id) ?? [];
    const next = others.find(({ state }) => !isTerminal(state)) ?? others[0];
    if (next) this.#shown.set(id, next);
    else this.#shown.delete(id);
    this.#keep(id, (other) => other !== next);
  }

  #keep(id: TaskId, stays: (other: TaskRecord) => boolean): void {
    const others = this.#others.get(id)?.filter(stays) ?? [];
    if (others.length > 0) this.#others.set(id, others);
    else this.#others.delete(id);
  }
}
