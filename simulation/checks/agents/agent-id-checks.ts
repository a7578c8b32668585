import {
  ExecutorRegisteredMessage,
  ExitedExecutorMessage,
  ReregisterSlaveMessage,
  StatusUpdateMessage,
} from '../../../proto/index.ts';
import type { EventOf, History, NodeLife } from '../history.ts';
import type { Durability } from '../sim-durability.ts';

/** R6: an agent says nothing, and starts nothing, under an id that a power cut could take from it. */
export class AgentIdChecks {
  readonly #history: History;
  readonly #durability: Durability;
  /** Ids that were on the disk, by the life that has spoken under them. */
  readonly #durable = new WeakMap<NodeLife, string>();

  constructor(history: History, durability: Durability) {
    this.#history = history;
    this.#durability = durability;
    history.onMessage('sent', StatusUpdateMessage, ({ update: { slave_id } }, event) => {
      this.#spoke(slave_id?.value, event);
    });
    history.onMessage('sent', ExitedExecutorMessage, ({ slave_id }, event) => {
      this.#spoke(slave_id.value, event);
    });
    history.onMessage('sent', ExecutorRegisteredMessage, ({ slave_id }, event) => {
      this.#spoke(slave_id.value, event);
    });
    history.onMessage('sent', ReregisterSlaveMessage, ({ slave }, event) => {
      this.#spoke(slave.id?.value, event);
    });
  }

  #spoke(id: string | undefined, { node, message }: EventOf<'sent' | 'delivered'>): void {
    const { from, name } = message;
    if (id === undefined || !from.id.startsWith('slave(')) return;
    if (this.#durable.get(node) === id) return;
    if (this.#durability(node.address, new TextEncoder().encode(id), id))
      this.#durable.set(node, id);
    else this.#history.violated('R6', `'${name}' is sent under '${id}', which is not on the disk`);
  }
}
