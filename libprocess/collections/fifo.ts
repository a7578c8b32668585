/** First in, first out, in constant time however long it gets: `Array.shift` moves all the rest. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #first = 0;
  /** Told of by `gaveUp` since they were last taken out. */
  #gone = 0;

  get size(): number {
    return this.#items.length - this.#first;
  }

  /** The oldest, left in; undefined if there is none. */
  get first(): T | undefined {
    return this.#items[this.#first];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The oldest, taken out; undefined if there is none. */
  shift(): T | undefined {
    if (this.#first === this.#items.length) return undefined;
    const item = this.#items[this.#first];
    this.#items[this.#first] = undefined;
    this.#first += 1;
    if (this.#first >= COMPACT_AT && this.#first * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    } else if (this.#first === this.#items.length) {
      this.#items.length = this.#first = 0;
    }
    return item;
  }

  /**
   * One of them has given up. Those that do not wait any more are taken out once they may be half of what is
   * there, so that they cost a constant time each, and no room however long the first one takes.
   */
  gaveUp(waits: (item: T) => boolean): void {
    this.#gone += 1;
    if (this.#gone < COMPACT_AT || this.#gone * 2 < this.size) return;
    this.#items = this.#items.filter((item) => item !== undefined && waits(item));
    this.#first = this.#gone = 0;
  }
}

/** Places left behind before it is worth while to move what remains. */
const COMPACT_AT = 64;
