import type { Metric } from './metrics.ts';

/** A chunk that has grown to this is split. */
const CHUNK_MAX = 512;

/** Metrics in the order of their names, in chunks: adding and removing one of 100,000 moves a few hundred. */
export class SortedMetrics {
  readonly #chunks: Metric[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(name: string): Metric | undefined {
    const chunk = this.#chunks[this.#indexOf(name)] ?? [];
    const found = chunk[placeIn(chunk, name)];
    return found?.name === name ? found : undefined;
  }

  /** False, and nothing happens, if its name is taken. */
  add(metric: Metric): boolean {
    const { name } = metric;
    const index = this.#indexOf(name);
    const chunk = (this.#chunks[index] ??= []);
    const place = placeIn(chunk, name);
    if (chunk[place]?.name === name) return false;
    chunk.splice(place, 0, metric);
    this.#size += 1;
    if (chunk.length >= CHUNK_MAX) this.#chunks.splice(index + 1, 0, chunk.splice(CHUNK_MAX / 2));
    return true;
  }

  /** False, and nothing happens, unless it is this very metric that has its name. */
  remove(metric: Metric): boolean {
    const index = this.#indexOf(metric.name);
    const chunk = this.#chunks[index] ?? [];
    const place = placeIn(chunk, metric.name);
    if (chunk[place] !== metric) return false;
    chunk.splice(place, 1);
    this.#size -= 1;
    if (chunk.length === 0) this.#chunks.splice(index, 1);
    return true;
  }

  /** Some of those that come after `name`, at least one if there is any; from the first if undefined. */
  after(name: string | undefined): readonly Metric[] {
    if (name === undefined) return this.#chunks[0]?.slice() ?? [];
    const index = this.#indexOf(name);
    const chunk = this.#chunks[index] ?? [];
    const place = placeIn(chunk, name);
    const rest = chunk.slice(chunk[place]?.name === name ? place + 1 : place);
    return rest.length > 0 ? rest : (this.#chunks[index + 1]?.slice() ?? []);
  }

  /** Of the last chunk that does not begin after `name`; of the first if all do. */
  #indexOf(name: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#chunks[middle]?.[0]?.name ?? '') <= name) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

/** Where the first is that does not come before `name`. */
function placeIn(chunk: readonly Metric[], name: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((chunk[middle]?.name ?? '') < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
