import type { Millis } from '../../../libprocess/clock.ts';
import { isTerminal } from '../../../common/task-state.ts';
import {
  FrameworkRegisteredMessage,
  FrameworkReregisteredMessage,
  PingSlaveMessage,
  RunTaskGroupMessage,
  RunTaskMessage,
  scheduler,
  StatusUpdateMessage,
  type FrameworkInfo,
  type OfferOperation,
  type TaskInfo,
} from '../../../proto/index.ts';
import type { EventOf, History, NodeLife } from '../history.ts';

/** A master that has more to do than it can takes so long for a call. */
const ANSWERS_WITHIN_MS: Millis = 30_000;

interface Asked {
  readonly taskId: string;
  readonly atMs: Millis;
  /** It was late already when the master last did something that shows that it is not stopped. */
  isLate: boolean;
}

/** What one life of a master has been asked for. */
interface Books {
  /** Where connected schedulers are, by framework. */
  readonly seats: Map<string, string>;
  /** Launches that nothing has come of so far, by framework. */
  readonly asked: Map<string, Asked[]>;
}

/**
 * O3, T1: whatever became of the offers, each task of an accept is launched, or its framework is told that
 * it is not, by the master that got the call while its scheduler was connected, and stays so.
 */
export class AnswerChecks {
  readonly #history: History;
  readonly #books = new WeakMap<NodeLife, Books>();

  constructor(history: History) {
    this.#history = history;
    const welcomed = (id: string, { node, message }: EventOf<'sent' | 'delivered'>): void => {
      this.#left(id, node);
      this.#of(node).seats.set(id, message.to.toString());
    };
    history.onMessage('sent', FrameworkRegisteredMessage, ({ framework_id }, event) => {
      welcomed(framework_id.value, event);
    });
    history.onMessage('sent', FrameworkReregisteredMessage, ({ framework_id }, event) => {
      welcomed(framework_id.value, event);
    });
    history.on('exited', ({ node, linker, of }) => {
      if (linker.id !== 'master') return;
      for (const [id, at] of this.#of(node).seats) if (at === of.toString()) this.#left(id, node);
    });
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

  /** Its master need not answer it any more, and cannot. */
  #left(id: string, node: NodeLife): void {
    const { seats, asked } = this.#of(node);
    seats.delete(id);
    asked.delete(id);
  }

  #accepted(
    id: string,
    operations: readonly OfferOperation[],
    { node, message }: EventOf<'sent' | 'delivered'>,
  ): void {
    const { seats, asked } = this.#of(node);
    if (seats.get(id) !== message.from.toString()) return;
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
    const asked = this.#of(node).asked.get(id?.value ?? '');
    const at = asked?.findIndex(({ taskId }) => taskId === task_id.value) ?? -1;
    if (at >= 0) asked?.splice(at, 1);
  }

  #look(node: NodeLife): void {
    for (const [id, asked] of this.#of(node).asked) {
      for (const each of asked) {
        if (this.#history.nowMs < each.atMs + ANSWERS_WITHIN_MS) break;
        if (each.isLate)
          this.#history.violated('O3', `nothing came of the launch of '${each.taskId}' by '${id}'`);
        each.isLate = true;
      }
    }
  }

  #of(node: NodeLife): Books {
    let books = this.#books.get(node);
    if (!books) this.#books.set(node, (books = { seats: new Map(), asked: new Map() }));
    return books;
  }
}
