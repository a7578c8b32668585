import type { Random } from '../random.ts';

/**
 * Seeded randomness (sfc32 over a hashed key). `split` derives a stream from the key, not from the
 * state, so that one more draw in one place does not shift what every other place draws.
 */
export class SimRandom implements Random {
  readonly #key: string;
  readonly #state: Uint32Array;

  constructor(key: string | number) {
    this.#key = String(key);
    this.#state = hash128(this.#key);
    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) this.#draw();
  }

  /** The stream for one purpose. The same name gives the same stream from its beginning again. */
  split(purpose: string): SimRandom {
    return new SimRandom(`${this.#key}/${purpose}`);
  }

  next(): number {
    return this.#draw() / 2 ** 32;
  }

  uuid(): string {
    const bytes = this.bytes(16);
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = Buffer.from(bytes).toString('hex');
    return [8, 12, 16, 20, 32].map((end, i) => hex.slice([0, 8, 12, 16, 20][i], end)).join('-');
  }

  bytes(count: number): Uint8Array {
    const drawn = new Uint8Array(count);
    for (let i = 0; i < count; i += 1) drawn[i] = this.#draw();
    return drawn;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Uniform integer in [min, max]. */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** Uniform in [min, max), with a fraction. */
  within(min: number, max: number): number {
    return min + this.next() * (max - min);
  }

  /** One of `items`; undefined if there is none. */
  pick<T>(items: readonly T[]): T | undefined {
    return items[this.between(0, items.length - 1)];
  }

  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[] {
    const keyed = items.map((item) => ({ item, key: this.#draw() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
  }

  #draw(): number {
    const s = this.#state;
    const a = s[0] ?? 0;
    const b = s[1] ?? 0;
    const c = s[2] ?? 0;
    const d = s[3] ?? 0;
    const sum = (a + b + d) >>> 0;
    s[3] = d + 1;
    s[0] = b ^ (b >>> 9);
    s[1] = c + (c << 3);
    s[2] = ((c << 21) | (c >>> 11)) + sum;
    return sum;
  }
}

const WARM_UP_ROUNDS = 12;

/** Four 32-bit lanes of an FNV-1a-like hash with different offsets, mixed at the end. */
function hash128(text: string): Uint32Array {
  const lanes = Uint32Array.of(0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    for (let lane = 0; lane < 4; lane += 1) {
      lanes[lane] = Math.imul((lanes[lane] ?? 0) ^ (code + lane * 0x51), 0x01000193);
    }
  }
  for (let lane = 0; lane < 4; lane += 1) {
    let mixed = lanes[lane] ?? 0;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    lanes[lane] = mixed ^ (mixed >>> 16);
  }
  return lanes;
}
