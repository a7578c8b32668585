import type { Millis } from '../../../libprocess/clock.ts';
import { isTerminal } from '../../../common/task-state.ts';
import {
  PingSlaveMessage,
  RunTaskGroupMessage,
  RunTaskMessage,
  scheduler,
  StatusUpdateMessage,
  type FrameworkInfo,
  type OfferOperation,
  type TaskInfo,
} from '../../../proto/index.ts';
import type { FrameworkSeats } from '../frameworks/framework-seats.ts';
import type { EventOf, History, NodeLife } from '../history.ts';
import { PerLife } from '../per-life.ts';

/** A master that has more to do than it can takes so long for a call. */
const ANSWERS_WITHIN_MS: Millis = 30_000;

interface Asked {
  readonly taskId: string;
  readonly atMs: Millis;
  /** It was late already when the master last did something that shows that it is not stopped. */
  isLate: boolean;
}

/**
 * O3, T1: whatever became of the offers, each task of an accept is launched, or its framework is told that
 * it is not, by the master that got the call while its scheduler was connected, and stays so.
 */
export class AnswerChecks {
  readonly #history: History;
  readonly #seats: FrameworkSeats;
  /** Launches that nothing has come of so far, by framework. */
  readonly #asked = new PerLife<Map<string, Asked[]>>(() => new Map());

  constructor(history: History, seats: FrameworkSeats) {
    this.#history = history;
    this.#seats = seats;
    // Its master need not answer it any more, and cannot.
    seats.onWelcome(({ frameworkId, event }) => this.#asked.of(event.node).delete(frameworkId));
    seats.onExit((frameworkId, node) => this.#asked.of(node).delete(frameworkId));
    history.onMessage('delivered', scheduler.Call, ({ framework_id, accept }, event) => {
      if (accept) this.#accepted(framework_id?.value ?? '', accept.operations ?? [], event);
    });
    this.#watchAnswers();
  }

  #watchAnswers(): void {
    const history = this.#history;
    history.onMessage('sent', RunTaskMessage, ({ framework, task }, { node }) => {
      this.#answered(framework, task, node);
    });
    history.onMessage('sent', RunTaskGroupMessage, ({ framework, task_group }, { node }) => {
      for (const task of task_group.tasks ?? []) this.#answered(framework, task, node);
    });
    history.onMessage('sent', StatusUpdateMessage, ({ update }, { node, message }) => {
      const { status, framework_id: id } = update;
      if (message.from.id === 'master' && isTerminal(status.state))
        this.#answered({ id }, status, node);
    });
    history.onMessage('sent', PingSlaveMessage, (_, { node }) => {
      this.#look(node);
    });
  }

  #accepted(
    id: string,
    operations: readonly OfferOperation[],
    { node, message }: EventOf<'sent' | 'delivered'>,
  ): void {
    const seat = this.#seats.of(node, id);
    if (seat?.at !== message.from.toString() || seat.awaySinceMs !== undefined) return;
    const asked = this.#asked.of(node);
    const all = asked.get(id) ?? [];
    asked.set(id, all);
    for (const { launch, launch_group } of operations) {
      const tasks = [...(launch?.task_infos ?? []), ...(launch_group?.task_group.tasks ?? [])];
      for (const { task_id } of tasks)
        all.push({ taskId: task_id.value, atMs: this.#history.nowMs, isLate: false });
    }
  }

  #answered(
    { id }: Pick<FrameworkInfo, 'id'>,
    { task_id }: Pick<TaskInfo, 'task_id'>,
    node: NodeLife,
  ): void {
    const asked = this.#asked.of(node).get(id?.value ?? '');
    const at = asked?.findIndex(({ taskId }) => taskId === task_id.value) ?? -1;
    if (at >= 0) asked?.splice(at, 1);
  }

  #look(node: NodeLife): void {
    for (const [id, asked] of this.#asked.of(node)) {
      for (const each of asked) {
        if (this.#history.nowMs < each.atMs + ANSWERS_WITHIN_MS) break;
        if (each.isLate)
          this.#history.violated('O3', `nothing came of the launch of '${each.taskId}' by '${id}'`);
        each.isLate = true;
      }
    }
  }
}
