import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Millis } from '../../libprocess/clock.ts';
import { nodeRuntime, type NodeRuntimeOptions } from '../../libprocess/node/node-runtime.ts';
import { NodeClock } from '../../libprocess/node/node-clock.ts';
import type { Runtime } from '../../libprocess/runtime.ts';
import type { Simulation } from '../../libprocess/sim/simulation.ts';
import { ActorTestError } from '../assertions/actor-test-error.ts';

/** What there is besides the time of processes: sockets, files, children, and how they go on. */
export interface Surroundings {
  /** Whose monotonic time timers are set by, unless time is stopped. */
  readonly clock: Clock;
  /** Of a new node, and the address to listen at. */
  boot(): { readonly runtime: Runtime; readonly ip: string };
  /** Lets what is on its way between the nodes arrive, until `done`, and no longer than that takes. */
  letPass(done: () => boolean): Promise<void>;
  /** Lets all go on until `done`; false if that is not within `withinMs` of the world's time. */
  until(done: () => boolean, withinMs: Millis): Promise<boolean>;
}

/** Turns of the event loop in which nothing is to do before all is taken to have arrived. */
const IDLE_TURNS = 8;
/** Turns after which it is said that there is no end to it. */
const TURNS_MAX = 100_000;
const LOOKS_EVERY_MS: Millis = 2;

export class RealSurroundings implements Surroundings {
  readonly clock = new NodeClock();
  readonly #options: NodeRuntimeOptions;

  constructor(options: NodeRuntimeOptions) {
    this.#options = options;
  }

  boot(): { readonly runtime: Runtime; readonly ip: string } {
    return { runtime: nodeRuntime(this.#options), ip: '127.0.0.1' };
  }

  async letPass(done: () => boolean): Promise<void> {
    let idle = 0;
    for (let turns = 0; idle < IDLE_TURNS; turns += 1) {
      if (turns > TURNS_MAX) {
        const message = `No rest: something was still to do after ${String(TURNS_MAX)} turns`;
        throw new ActorTestError('NEVER', message);
      }
      await nextTurn();
      idle = done() ? idle + 1 : 0;
    }
  }

  async until(done: () => boolean, withinMs: Millis): Promise<boolean> {
    const untilMs = this.clock.monotonic() + withinMs;
    while (!done()) {
      if (this.clock.monotonic() >= untilMs) return false;
      await sleep(LOOKS_EVERY_MS);
    }
    return true;
  }
}

/** In a second of a simulated world all has arrived, unless latencies are set higher. */
const ARRIVES_WITHIN_MS: Millis = 1_000;

export class SimulatedSurroundings implements Surroundings {
  readonly #sim: Simulation;

  constructor(sim: Simulation) {
    this.#sim = sim;
  }

  get clock(): Clock {
    const { world } = this.#sim;
    return {
      now: () => world.nowMs,
      monotonic: () => world.nowMs,
      nanoseconds: () => BigInt(Math.floor(world.nowMs * 1_000)) * 1_000n,
      timer: (delayMs, thunk) => world.after(delayMs, 0, thunk),
    };
  }

  boot(): { readonly runtime: Runtime; readonly ip: string } {
    const { runtime, machine } = this.#sim.node();
    return { runtime, ip: machine.ip };
  }

  async letPass(done: () => boolean): Promise<void> {
    do await this.#sim.advance(ARRIVES_WITHIN_MS);
    while (!done());
  }

  async until(done: () => boolean, withinMs: Millis): Promise<boolean> {
    const { world, nowMs } = this.#sim;
    return (await world.run(nowMs + withinMs, done)) || done();
  }
}
