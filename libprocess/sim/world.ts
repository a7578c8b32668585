import type { Millis } from '../clock.ts';
import { RuntimeError } from '../errors.ts';
import { EventHeap, HeapEvent } from './event-heap.ts';
import type { Incarnation } from './incarnation.ts';
import { SimRandom } from './sim-random.ts';
import { Trace } from './trace.ts';

// Taken when the module loads: a poisoned run must not lose them.
const nextTick = process.nextTick.bind(process);
const realSetImmediate = setImmediate;

/** The run does not move on: time stood still for too many turns, or what it awaits never came. */
export class SimulationStalledError extends RuntimeError {
  constructor(message: string) {
    super('SIMULATION_STALLED', message);
  }
}

interface Ready {
  readonly incarnation: Incarnation;
  readonly thunk: () => void;
}

/**
 * One virtual time line and everything that will happen on it. A step runs what is ready or fires
 * one event, then lets every promise settle before the next: what can happen is decided by the
 * heap and the seed alone. Times are milliseconds since the world began.
 */
export class World {
  readonly seed: number;
  readonly random: SimRandom;
  readonly trace: Trace;
  readonly #heap = new EventHeap();
  readonly #ties: SimRandom;
  #ready: Ready[] = [];
  #nowMs: Millis = 0;
  #sequence = 0;
  #recordedMs: Millis = 0;
  #recordedTime = '0.000';
  #turnsAtNow = 0;
  #steps = 0;
  #ids = 0;
  #running = false;
  #batchWasLast = false;

  /** Keeps so many of the newest lines of the trace; default: as `Trace` says. */
  constructor(seed: number, traceLinesMax?: number) {
    this.seed = seed;
    this.trace = new Trace(traceLinesMax);
    this.random = new SimRandom(`seed ${seed}`);
    this.#ties = this.random.split('order of the ready');
  }

  get nowMs(): Millis {
    return this.#nowMs;
  }

  /** Events fired and batches run so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Fires `fire` after `delayMs`. Events of one `source` due at the same time keep their order;
   * between sources the seed decides, anew for each moment. An infinite delay never ends.
   */
  after(delayMs: Millis, source: number, fire: () => void): Disposable {
    const at = this.#nowMs + (delayMs > 0 ? delayMs : 0);
    if (!Number.isFinite(at)) return NEVER;
    const tie = mix(this.seed, source, at);
    const event = new HeapEvent({ at, tie, sequence: this.#sequence++ }, fire);
    this.#heap.push(event);
    return event;
  }

  /** Runs `thunk` in the next batch, if the incarnation still lives then. */
  ready(incarnation: Incarnation, thunk: () => void): void {
    this.#ready.push({ incarnation, thunk });
  }

  /** Numbers the lives of all processes of this world. */
  nextId(): number {
    this.#ids += 1;
    return this.#ids;
  }

  record(who: string, what: string): void {
    if (this.#nowMs !== this.#recordedMs) {
      this.#recordedMs = this.#nowMs;
      this.#recordedTime = this.#nowMs.toFixed(3);
    }
    this.trace.add(`${this.#recordedTime} ${who} ${what}`);
  }

  /** Runs everything due up to `until`, or until `done` says so between two steps. */
  async run(until: Millis, done: () => boolean = () => false): Promise<boolean> {
    if (this.#running) throw new RuntimeError('SIMULATION_BUSY', 'The simulation runs already');
    this.#running = true;
    try {
      return await this.#drive(until, done);
    } finally {
      this.#running = false;
    }
  }

  /** Steps follow one another by callbacks: a promise for each would cost as much as a small event. */
  #drive(until: Millis, done: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        try {
          if (done()) {
            resolve(true);
          } else if (this.#step(until)) {
            // The real event loop gets its turn now and then, so that a test's time limit can strike.
            if (this.#steps % STEPS_PER_REAL_TURN === 0) realSetImmediate(settle);
            else settle();
          } else {
            this.#moveTo(until);
            resolve(false);
          }
        } catch (error) {
          reject(error instanceof Error ? error : new RuntimeError('THROWN', String(error)));
        }
      };
      // Ticks run only when the microtask queue is empty, however long its chains are; the one that asks
      // for such a tick must be a microtask itself.
      const whenQuiet = (): void => {
        nextTick(turn);
      };
      const settle = (): void => {
        void RESOLVED.then(whenQuiet);
      };
      settle();
    });
  }

  /** Events due now and batches take turns, as a node's loop serves I/O between its slices. */
  #step(until: Millis): boolean {
    const waiting = this.#ready.length > 0;
    const batchFirst = waiting && !this.#batchWasLast;
    const event = batchFirst ? undefined : this.#heap.pop(waiting ? this.#nowMs : until);
    if (!event && !waiting) return false;
    this.#steps += 1;
    if (event) this.#moveTo(event.at);
    this.#countTurn();
    this.#batchWasLast = !event;
    if (event) event.fire();
    else this.#runBatch();
    return true;
  }

  #runBatch(): void {
    const batch = this.#ready;
    this.#ready = [];
    for (const { incarnation, thunk } of this.#shuffled(batch)) incarnation.enter(thunk);
  }

  #moveTo(at: Millis): void {
    if (!Number.isFinite(at) || at <= this.#nowMs) return;
    this.#nowMs = at;
    this.#turnsAtNow = 0;
  }

  #countTurn(): void {
    this.#turnsAtNow += 1;
    if (this.#turnsAtNow > TURNS_AT_ONE_TIME_MAX) {
      throw new SimulationStalledError(
        `Time stands still at ${this.#nowMs} ms: ${TURNS_AT_ONE_TIME_MAX} turns without a pause`,
      );
    }
  }

  /** Each incarnation keeps its order; which goes first is the seed's choice. */
  #shuffled(batch: readonly Ready[]): readonly Ready[] {
    const first = batch[0]?.incarnation;
    if (batch.every(({ incarnation }) => incarnation === first)) return batch;
    const groups = new Map<Incarnation, Ready[]>();
    for (const item of batch) {
      const group = groups.get(item.incarnation);
      if (group) group.push(item);
      else groups.set(item.incarnation, [item]);
    }
    return this.#ties.shuffle([...groups.values()]).flat();
  }
}

function mix(seed: number, source: number, at: Millis): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(source + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ Math.floor(at * 1_000), 0x27d4eb2f);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0;
}

const RESOLVED = Promise.resolve();

const NEVER: Disposable = { [Symbol.dispose]: () => undefined };

const TURNS_AT_ONE_TIME_MAX = 1_000_000;
const STEPS_PER_REAL_TURN = 4_096;
