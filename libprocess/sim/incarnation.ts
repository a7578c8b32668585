import type { Millis } from '../clock.ts';
import type { SimRandom } from './sim-random.ts';
import type { World } from './world.ts';

/**
 * One life of one simulated process. Whatever reaches product code passes through here: once the
 * life has ended nothing does any more, no callback, no timer and no promise, exactly as if the
 * process had been killed between two instructions.
 */
export class Incarnation {
  readonly id: number;
  readonly label: string;
  readonly world: World;
  readonly #endListeners = new Set<() => void>();
  #alive = true;
  #stopped = false;
  #held: (() => void)[] = [];
  readonly #timers: Timers = { pending: 0 };
  #entries = 0;

  constructor(world: World, identity: { readonly id: number; readonly label: string }) {
    this.world = world;
    this.id = identity.id;
    this.label = identity.label;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Whether SIGSTOP is in force. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** What `after` is still to run. */
  get pendingTimers(): number {
    return this.#timers.pending;
  }

  /** How often anything was run in it: nothing that it holds changes as long as this does not. */
  get entries(): number {
    return this.#entries;
  }

  /** The stream for one purpose of this life. */
  random(purpose: string): SimRandom {
    return this.world.random.split(`${this.label}/${purpose}`);
  }

  /** Runs `thunk` now if this life goes on; when it is continued if it is stopped. */
  enter(thunk: () => void): void {
    if (!this.#alive) return;
    this.#entries += 1;
    if (this.#stopped || this.#held.length > 0) this.#held.push(thunk);
    else thunk();
  }

  /** Runs `thunk` in a later turn, at the same virtual time. */
  post(thunk: () => void): void {
    if (this.#alive) this.world.ready(this, thunk);
  }

  after(delayMs: Millis, thunk: () => void): Disposable {
    if (!this.#alive) return INERT;
    const timer = new LifeTimer(thunk, this.#timers);
    timer.event = this.world.after(delayMs, this.id, () => this.#fire(timer));
    return timer;
  }

  /** As `enter`, without a function of its own for each timer. */
  #fire(timer: LifeTimer): void {
    if (!this.#alive) return;
    this.#entries += 1;
    if (this.#stopped || this.#held.length > 0) this.#held.push(() => timer.fire());
    else timer.fire();
  }

  record(what: string): void {
    this.world.record(this.label, what);
  }

  /** Called once, when this life ends. */
  onEnd(listener: () => void): Disposable {
    if (this.#alive) this.#endListeners.add(listener);
    return { [Symbol.dispose]: () => void this.#endListeners.delete(listener) };
  }

  end(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#held = [];
    for (const listener of this.#endListeners) listener();
    this.#endListeners.clear();
  }

  stop(): void {
    this.#stopped = true;
  }

  resume(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.world.after(0, this.id, () => this.#releaseHeld());
  }

  /** In order, and before anything newer; a thunk may stop or end this life again. */
  #releaseHeld(): void {
    while (this.#alive && !this.#stopped) {
      const thunk = this.#held[0];
      if (!thunk) return;
      this.#entries += 1;
      thunk();
      this.#held.shift();
    }
  }
}

interface Timers {
  pending: number;
}

/** One timer of a life, which is over once it has fired or been disposed. */
class LifeTimer implements Disposable {
  event: Disposable | undefined;
  readonly #thunk: () => void;
  readonly #timers: Timers;
  #over = false;

  constructor(thunk: () => void, timers: Timers) {
    this.#thunk = thunk;
    this.#timers = timers;
    timers.pending += 1;
  }

  fire(): void {
    if (this.#over) return;
    this.#end();
    this.#thunk();
  }

  [Symbol.dispose](): void {
    if (!this.#over) this.#end();
    this.event?.[Symbol.dispose]();
  }

  #end(): void {
    this.#over = true;
    this.#timers.pending -= 1;
  }
}

const INERT: Disposable = { [Symbol.dispose]: () => undefined };
