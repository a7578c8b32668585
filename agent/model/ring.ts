/** Keeps the newest `max` items; with 0 none. */
export class Ring<T> {
  readonly #max: number;
  #items: T[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  push(item: T): void {
    this.#items.push(item);
    // Trimmed in bulk: shifting a long array for every item costs its length each time.
    if (this.#items.length > 2 * this.#max) this.#items = this.#items.slice(-this.#max);
  }

  /** Oldest first. */
  items(): readonly T[] {
    return this.#max === 0 ? [] : this.#items.slice(-this.#max);
  }
}
