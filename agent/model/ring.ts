/** Keeps the newest `max` items; with 0 none. */
export class Ring<T> {
  readonly #max: number;
  #items: T[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  push(item: T): void {
    if (this.#max === 0) return;
    this.#items.push(item);
    // Trimmed in bulk: shifting a long array for every item costs its length each time.
    if (this.#items.length > 2 * this.#max) this.#items = this.#items.slice(-this.#max);
  }

  /** Oldest first. */
  items(): readonly T[] {
    return this.#max === 0 ? [] : this.#items.slice(-this.#max);
  }

  /** Takes out the newest item for which `found` holds. */
  take(found: (item: T) => boolean): T | undefined {
    const index = this.#items.findLastIndex(found);
    return index < 0 ? undefined : this.#items.splice(index, 1)[0];
  }
}
