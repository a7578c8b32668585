import type { Millis } from '../clock.ts';

/** When something happens: ordered by time, then tie, then the order in which it was added. */
export interface EventOrder {
  readonly at: Millis;
  /** Breaks ties between sources; drawn from the seed. */
  readonly tie: number;
  readonly sequence: number;
}

/** Something that will happen, unless it is disposed before. */
export class HeapEvent implements EventOrder, Disposable {
  readonly at: Millis;
  readonly tie: number;
  readonly sequence: number;
  readonly fire: () => void;
  cancelled = false;

  constructor({ at, tie, sequence }: EventOrder, fire: () => void) {
    this.at = at;
    this.tie = tie;
    this.sequence = sequence;
    this.fire = fire;
  }

  [Symbol.dispose](): void {
    this.cancelled = true;
  }
}

/** A binary heap; cancelled events are dropped when they come to the top. */
export class EventHeap {
  readonly #events: HeapEvent[] = [];

  push(event: HeapEvent): void {
    const events = this.#events;
    let index = events.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = events[parent];
      if (!above || !before(event, above)) break;
      events[index] = above;
      index = parent;
    }
    events[index] = event;
  }

  /** Removes and returns the earliest event due at or before `until`. */
  pop(until: Millis): HeapEvent | undefined {
    const first = this.peek();
    if (!first || first.at > until) return undefined;
    this.#removeFirst();
    return first;
  }

  peek(): HeapEvent | undefined {
    while (this.#events[0]?.cancelled) this.#removeFirst();
    return this.#events[0];
  }

  #removeFirst(): void {
    const events = this.#events;
    const last = events.pop();
    if (!last || events.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let below = events[child];
      const right = events[child + 1];
      if (below && right && before(right, below)) {
        below = right;
        child += 1;
      }
      if (!below || !before(below, last)) break;
      events[index] = below;
      index = child;
    }
    events[index] = last;
  }
}

function before(a: HeapEvent, b: HeapEvent): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.tie !== b.tie) return a.tie < b.tie;
  return a.sequence < b.sequence;
}
