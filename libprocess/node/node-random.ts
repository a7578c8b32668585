import { randomBytes, randomFillSync, randomUUID } from 'node:crypto';
import type { Random } from '../random.ts';

/** Cryptographic randomness. */
export class NodeRandom implements Random {
  readonly #pool = new Uint32Array(POOL_WORDS);
  #used = POOL_WORDS;

  next(): number {
    if (this.#used >= POOL_WORDS) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const high = this.#pool[this.#used] ?? 0;
    const low = this.#pool[this.#used + 1] ?? 0;
    this.#used += 2;
    // 53 bits, the precision of a number.
    return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
  }

  uuid(): string {
    return randomUUID();
  }

  bytes(count: number): Uint8Array {
    return new Uint8Array(randomBytes(count));
  }
}

/** One call to the system serves this many words: even, since a number takes two. */
const POOL_WORDS = 256;
