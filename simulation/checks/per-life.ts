import type { NodeLife } from './history.ts';

/** What a checker keeps of each life of a node; it goes with the life. */
export class PerLife<T> {
  readonly #kept = new WeakMap<NodeLife, T>();
  readonly #make: (node: NodeLife) => T;

  constructor(make: (node: NodeLife) => T) {
    this.#make = make;
  }

  of(node: NodeLife): T {
    let kept = this.#kept.get(node);
    if (kept === undefined) this.#kept.set(node, (kept = this.#make(node)));
    return kept;
  }
}
