/** A map with two keys. A first key without a second one is not kept. */
export class PairMap<A, B, V> {
  readonly #maps = new Map<A, Map<B, V>>();

  get(first: A, second: B): V | undefined {
    return this.#maps.get(first)?.get(second);
  }

  has(first: A, second: B): boolean {
    return this.#maps.get(first)?.has(second) ?? false;
  }

  set(first: A, second: B, value: V): void {
    let inner = this.#maps.get(first);
    if (!inner) this.#maps.set(first, (inner = new Map<B, V>()));
    inner.set(second, value);
  }

  delete(first: A, second: B): boolean {
    const inner = this.#maps.get(first);
    const deleted = inner?.delete(second) ?? false;
    if (inner?.size === 0) this.#maps.delete(first);
    return deleted;
  }

  /** The values of one first key; a copy, so that they may be deleted meanwhile. */
  of(first: A): V[] {
    return [...(this.#maps.get(first)?.values() ?? [])];
  }

  countOf(first: A): number {
    return this.#maps.get(first)?.size ?? 0;
  }

  firstKeys(): A[] {
    return [...this.#maps.keys()];
  }

  /** All values; a copy, so that they may be deleted meanwhile. */
  values(): V[] {
    const all: V[] = [];
    for (const inner of this.#maps.values()) for (const value of inner.values()) all.push(value);
    return all;
  }

  clear(): void {
    this.#maps.clear();
  }
}
