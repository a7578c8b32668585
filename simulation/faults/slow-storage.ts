import type { Millis } from '../../libprocess/clock.ts';
import type { Incarnation, SimNode, Simulation } from '../../libprocess/sim/index.ts';
import type { SimRandom } from '../../libprocess/sim/sim-random.ts';
import type { Entry, NewEntry, SetOutcome, Storage } from '../../master/registrar/storage.ts';

export interface SlowStorageOptions {
  readonly sim: Simulation;
  readonly storage: Storage;
  /** Of the master that asks. */
  readonly client: () => SimNode;
}

/**
 * A storage that may take its time. It does what it is asked at once or just before it answers, as the
 * seed says; what is asked just before one ends is done late, among what the next one asks. Nobody hears of an
 * answer who has ended meanwhile.
 */
export class SlowStorage implements Storage {
  /** How long an answer may take; 0: none at all. */
  delayMsMax: Millis = 0;
  /** Hears of each write that is asked for. */
  onSet: (() => void) | undefined;
  readonly #options: SlowStorageOptions;
  readonly #random: SimRandom;
  readonly #hindered = new WeakSet<Incarnation>();

  constructor(options: SlowStorageOptions) {
    this.#options = options;
    this.#random = options.sim.random.split('slow storage');
  }

  get(name: string): Promise<Entry | undefined> {
    return this.#slowly(() => this.#options.storage.get(name));
  }

  set(entry: NewEntry, expected: string | undefined): Promise<SetOutcome> {
    const outcome = this.#slowly(() => this.#options.storage.set(entry, expected));
    this.onSet?.();
    return outcome;
  }

  /** Whether this life of a master has been kept waiting, or what a former one asked came between. */
  hasHindered(incarnation: Incarnation): boolean {
    return this.#hindered.has(incarnation);
  }

  #slowly<T>(action: () => Promise<T>): Promise<T> {
    if (this.delayMsMax === 0) return action();
    const { sim, client } = this.#options;
    const { incarnation } = client();
    this.#hindered.add(incarnation);
    const done = this.#random.chance(0.5) ? action() : undefined;
    return new Promise((resolve, reject) => {
      sim.at(this.#random.within(0, this.delayMsMax), () => {
        sim.world.record('registry', incarnation.alive ? 'answers late' : 'has nobody to answer');
        // Whoever leads by now finds another version than it has read.
        if (!incarnation.alive) this.#hindered.add(client().incarnation);
        const answer = done ?? action();
        incarnation.enter(() => {
          answer.then(resolve, reject);
        });
      });
    });
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#options.storage[Symbol.asyncDispose]();
  }
}
