/** Keeps the newest values, at most `capacity` of them. */
export class Ring<T> {
  readonly #capacity: number;
  #values: T[] = [];
  #start = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#values.length;
  }

  push(value: T): void {
    if (this.#capacity === 0) return;
    if (this.#values.length < this.#capacity) {
      this.#values.push(value);
      return;
    }
    this.#values[this.#start] = value;
    this.#start = (this.#start + 1) % this.#capacity;
  }

  /** Oldest first; a copy. */
  toArray(): T[] {
    return [...this.#values.slice(this.#start), ...this.#values.slice(0, this.#start)];
  }

  find(predicate: (value: T) => boolean): T | undefined {
    return this.#values.find(predicate);
  }

  /** Whether any was removed. */
  remove(predicate: (value: T) => boolean): boolean {
    if (!this.#values.some(predicate)) return false;
    this.#values = this.toArray().filter((value) => !predicate(value));
    this.#start = 0;
    return true;
  }

  clear(): void {
    this.#values = [];
    this.#start = 0;
  }
}
