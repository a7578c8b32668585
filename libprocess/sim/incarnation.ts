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
  #pendingTimers = 0;

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
    return this.#pendingTimers;
  }

  /** The stream for one purpose of this life. */
  random(purpose: string): SimRandom {
    return this.world.random.split(`${this.label}/${purpose}`);
  }

  /** Runs `thunk` now if this life goes on; when it is continued if it is stopped. */
  enter(thunk: () => void): void {
    if (!this.#alive) return;
    if (this.#stopped || this.#held.length > 0) this.#held.push(thunk);
    else thunk();
  }

  /** Runs `thunk` in a later turn, at the same virtual time. */
  post(thunk: () => void): void {
    if (this.#alive) this.world.ready(this, thunk);
  }

  after(delayMs: Millis, thunk: () => void): Disposable {
    if (!this.#alive) return INERT;
    let over = false;
    const event = this.world.after(delayMs, this.id, () =>
      this.enter(() => {
        if (over) return;
        over = true;
        this.#pendingTimers -= 1;
        thunk();
      }),
    );
    this.#pendingTimers += 1;
    return {
      [Symbol.dispose]: () => {
        if (!over) this.#pendingTimers -= 1;
        over = true;
        event[Symbol.dispose]();
      },
    };
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
      thunk();
      this.#held.shift();
    }
  }
}

const INERT: Disposable = { [Symbol.dispose]: () => undefined };
