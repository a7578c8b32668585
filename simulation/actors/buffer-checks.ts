import { FRAME_BYTES_MAX, QUEUED_BYTES_MAX } from '../../libprocess/transport/limits.ts';
import type { History, NodeLife } from '../checks/history.ts';
import { PerLife } from '../checks/per-life.ts';

/** What the connection itself may hold, and what waits beside it while a new one is made. */
const BESIDES_BYTES = 2 * FRAME_BYTES_MAX;

/**
 * P13: what a node has sent to another, and what has neither come there nor been lost, is no more than a
 * connection may hold. What was sent before the last loss does not count: it was given up, or it counts for less.
 */
export class BufferChecks {
  readonly #history: History;
  readonly #waiting = new PerLife<Map<string, number>>(() => new Map());
  readonly #nodes = new Map<string, NodeLife>();

  constructor(history: History) {
    this.#history = history;
    history.on('begun', ({ node }) => {
      this.#nodes.set(node.address, node);
    });
    history.on('sent', ({ node, message: { to, bytes } }) => {
      if (to.address !== node.address) this.#add(node, to.address, bytes.byteLength);
    });
    for (const kind of ['delivered', 'undelivered'] as const) {
      history.on(kind, ({ node, message: { from, bytes } }) => {
        const sender = this.#nodes.get(from.address);
        if (sender && sender !== node) this.#add(sender, node.address, -bytes.byteLength);
      });
    }
    history.on('lost', ({ node, address }) => {
      this.#waiting.of(node).delete(address);
    });
  }

  #add(node: NodeLife, address: string, bytes: number): void {
    const waiting = this.#waiting.of(node);
    const now = Math.max(0, (waiting.get(address) ?? 0) + bytes);
    waiting.set(address, now);
    if (now <= QUEUED_BYTES_MAX + BESIDES_BYTES) return;
    this.#history.violated('P13', `'${node.address}' holds ${String(now)} bytes for '${address}'`);
  }
}
