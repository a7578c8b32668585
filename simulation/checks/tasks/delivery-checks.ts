import {
  RegisterExecutorMessage,
  ReregisterExecutorMessage,
  RunTaskMessage,
  type FrameworkInfo,
  type TaskInfo,
} from '../../../proto/index.ts';
import type { EventOf, History, NodeLife } from '../history.ts';
import { PerLife } from '../per-life.ts';

/** What one life of an agent has to hand over. */
interface Deliveries {
  /** Executors that are registered. */
  readonly registered: Set<string>;
  /** Tasks in the order in which they came, by framework and executor. */
  readonly waiting: Map<string, string[]>;
}

/**
 * T9: an executor is handed the tasks that are for it in the order in which its agent got them, each once,
 * and none before it has registered. Tasks that it is never handed are none of this check's.
 */
export class DeliveryChecks {
  readonly #history: History;
  readonly #deliveries = new PerLife<Deliveries>(() => ({
    registered: new Set(),
    waiting: new Map(),
  }));

  constructor(history: History) {
    this.#history = history;
    const registered = (_: unknown, { node, message }: EventOf<'sent' | 'delivered'>): void => {
      this.#deliveries.of(node).registered.add(message.from.toString());
    };
    history.onMessage('delivered', RegisterExecutorMessage, registered);
    history.onMessage('delivered', ReregisterExecutorMessage, registered);
    history.onMessage('delivered', RunTaskMessage, ({ framework, task }, { node, message }) => {
      if (message.from.id === 'master') this.#came(keyOf(framework, task), task, node);
    });
    history.onMessage('sent', RunTaskMessage, ({ framework, task }, event) => {
      if (event.message.from.id !== 'master') this.#handedOver(keyOf(framework, task), task, event);
    });
  }

  #came(key: string, { task_id }: TaskInfo, node: NodeLife): void {
    const { waiting } = this.#deliveries.of(node);
    const queue = waiting.get(key);
    if (queue) queue.push(task_id.value);
    else waiting.set(key, [task_id.value]);
  }

  #handedOver(
    key: string,
    { task_id }: TaskInfo,
    { node, message }: EventOf<'sent' | 'delivered'>,
  ): void {
    const { registered, waiting } = this.#deliveries.of(node);
    const id = task_id.value;
    const to = message.to.toString();
    if (!registered.has(to))
      this.#history.violated('T9', `task '${id}' is handed to '${to}', which has not registered`);
    const queue = waiting.get(key) ?? [];
    const at = queue.indexOf(id);
    if (at < 0) this.#history.violated('T9', `task '${id}' is handed over twice, or too late`);
    // Those before it have been killed, or never will be handed over.
    queue.splice(0, at + 1);
  }
}

/** A command's executor has the id of its task. */
const keyOf = ({ id }: FrameworkInfo, { executor, task_id }: TaskInfo): string =>
  `${id?.value ?? ''} ${executor?.executor_id.value ?? task_id.value}`;
