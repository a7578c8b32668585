/** A set that forgets its oldest values when there are more than `capacity`. */
export class RecentSet<T> {
  readonly #capacity: number;
  readonly #values = new Set<T>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(value: T): void {
    this.#values.add(value);
    if (this.#values.size <= this.#capacity) return;
    const [oldest] = this.#values;
    if (oldest !== undefined) this.#values.delete(oldest);
  }

  has(value: T): boolean {
    return this.#values.has(value);
  }

  delete(value: T): boolean {
    return this.#values.delete(value);
  }

  clear(): void {
    this.#values.clear();
  }

  /** Oldest first. */
  [Symbol.iterator](): Iterator<T> {
    return this.#values.values();
  }
}
