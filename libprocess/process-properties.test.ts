import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  delay,
  dispatch,
  FuturePromise,
  Process,
  ProcessManager,
  tell,
  type Future,
  type PID,
  type UPID,
} from './index.ts';
import { Simulation } from './sim/index.ts';

/** One step of a random program over a few actors; numbers name actors, modulo how many there are. */
type Step =
  | { readonly do: 'tell' | 'call' | 'call pending' | 'deferred' | 'link'; readonly who: number }
  | { readonly do: 'terminate'; readonly who: number; readonly inject: boolean }
  | { readonly do: 'throw' | 'fail'; readonly who: number }
  | { readonly do: 'timer' | 'delay'; readonly who: number; readonly ms: number }
  | { readonly do: 'cancel'; readonly timer: number }
  | { readonly do: 'advance'; readonly ms: number };

const who = fc.nat(3);
const ms = fc.nat(30);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('tell', 'call', 'call pending', 'deferred', 'link'),
    who,
  }),
  fc.record({ do: fc.constant('terminate'), who, inject: fc.boolean() }),
  fc.record({ do: fc.constantFrom('throw', 'fail'), who }),
  fc.record({ do: fc.constantFrom('timer', 'delay'), who, ms }),
  fc.record({ do: fc.constant('cancel'), timer: fc.nat(5) }),
  fc.record({ do: fc.constant('advance'), ms }),
);

interface TimerModel {
  readonly handle: Disposable;
  readonly dueMs: number;
  cancelled: boolean;
  firedMs: number | undefined;
}

/** Keeps the story of its turns, and notices turns within turns. */
class Actor extends Process {
  readonly story: string[] = [];
  readonly exits: string[] = [];
  overlaps = 0;
  #inTurn = false;

  turn<T>(what: string, work: () => T): T {
    if (this.#inTurn) this.overlaps += 1;
    this.#inTurn = true;
    this.story.push(what);
    try {
      return work();
    } finally {
      this.#inTurn = false;
    }
  }
  protected override initialize(): void {
    this.turn('initialize', () => undefined);
  }
  protected override finalize(): void {
    this.turn('finalize', () => undefined);
  }
  protected override exited(upid: UPID): void {
    this.turn('exited', () => this.exits.push(upid.id));
  }
  /** Speaks to another in the midst of its turn, which must not run before this one is over. */
  hear(other: PID<Actor>): void {
    this.turn('hear', () => {
      tell(other, 'touch');
    });
  }
  touch(): void {
    this.turn('touch', () => undefined);
  }
  answer(result: number | Future<number>): number | Future<number> {
    return this.turn('answer', () => result);
  }
  fail(error: Error): void {
    this.turn('fail', () => {
      throw error;
    });
  }
  watch(upid: UPID): void {
    this.turn('watch', () => {
      this.link(upid);
    });
  }
  later(): () => void {
    return this.defer(() => {
      this.touch();
    });
  }
  timer(delayMs: number, fired: () => void): Disposable {
    return this.delay(delayMs, () => this.turn('timer', fired));
  }
  fire(fired: () => void): void {
    this.turn('delay', fired);
  }
}

class Program {
  readonly sim = new Simulation();
  readonly node: ProcessManager;
  readonly actors: Actor[];
  readonly pids: PID<Actor>[];
  readonly futures: Future<unknown>[] = [];
  readonly settled: number[] = [];
  readonly timers: TimerModel[] = [];

  constructor() {
    const { runtime } = this.sim.node();
    this.node = new ProcessManager({ runtime, address: '10.0.0.1:5050' });
    this.actors = Array.from({ length: 4 }, (_, i) => new Actor(`actor(${i})`));
    this.pids = this.actors.map((actor) => this.node.spawn(actor));
  }

  async run(step: Step): Promise<void> {
    if (step.do === 'advance') return this.sim.advance(step.ms);
    if (step.do === 'cancel') {
      this.#cancel(step.timer);
      return;
    }
    const [actor, pid] = [this.actors[step.who], this.pids[step.who]];
    const other = this.pids[(step.who + 1) % this.pids.length];
    if (!actor || !pid || !other) return;
    switch (step.do) {
      case 'tell': {
        tell(pid, 'hear', other);
        return;
      }
      case 'call': {
        this.#track(dispatch(pid, 'answer', 1));
        return;
      }
      case 'call pending': {
        this.#track(dispatch(pid, 'answer', new FuturePromise<number>().future));
        return;
      }
      case 'fail': {
        this.#track(dispatch(pid, 'fail', new RangeError('no')));
        return;
      }
      case 'throw': {
        tell(pid, 'fail', new RangeError('no'));
        return;
      }
      case 'deferred': {
        actor.later()();
        return;
      }
      case 'link': {
        tell(pid, 'watch', other);
        return;
      }
      case 'terminate': {
        this.node.terminate(pid, { inject: step.inject });
        return;
      }
      case 'timer': {
        this.#timer(step.ms, (fired) => actor.timer(step.ms, fired));
        return;
      }
      case 'delay': {
        this.#timer(step.ms, (fired) => delay(step.ms, pid, 'fire', fired));
        return;
      }
    }
  }

  #track(future: Future<unknown>): void {
    const index = this.futures.push(future) - 1;
    this.settled[index] = 0;
    future.onSettled(() => {
      this.settled[index] = (this.settled[index] ?? 0) + 1;
    });
  }

  #timer(delayMs: number, start: (fired: () => void) => Disposable): void {
    const timer: TimerModel = {
      handle: start(() => {
        expect([timer.cancelled, timer.firedMs]).toEqual([false, undefined]);
        timer.firedMs = this.sim.nowMs;
      }),
      dueMs: this.sim.nowMs + delayMs,
      cancelled: false,
      firedMs: undefined,
    };
    this.timers.push(timer);
  }

  #cancel(index: number): void {
    const timer = this.timers[index];
    if (!timer) return;
    timer.cancelled = timer.firedMs === undefined;
    timer.handle[Symbol.dispose]();
  }
}

const RUNS = 200;

/** Runs random programs to their end, a second after their last step. */
async function forEachProgram(check: (program: Program) => void | Promise<void>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const program = new Program();
      for (const each of steps) await program.run(each);
      await program.sim.advance(1_000);
      await check(program);
    }),
    { numRuns: RUNS },
  );
}

describe('in every random program of actors', () => {
  test('no two turns of a process overlap [P1]', () =>
    forEachProgram(({ actors }) => {
      expect(actors.map(({ overlaps }) => overlaps)).toEqual(actors.map(() => 0));
    }));

  test('initialize comes first, finalize last and once, and nothing after it [P5, P6]', () =>
    forEachProgram(async ({ actors, node, sim }) => {
      await sim.complete(node[Symbol.asyncDispose]());
      await sim.advance(1_000);
      for (const { story } of actors) {
        expect(story.at(0)).toBe('initialize');
        expect(story.at(-1)).toBe('finalize');
        expect(story.filter((what) => what.endsWith('ialize') || what === 'finalize')).toHaveLength(
          2,
        );
      }
    }));

  test('each future is settled at most once, and once its process has ended exactly once [P9, P16]', () =>
    forEachProgram(async ({ futures, settled, node, sim }) => {
      expect(settled.every((times) => times <= 1)).toBe(true);
      await sim.complete(node[Symbol.asyncDispose]());
      expect(settled).toEqual(futures.map(() => 1));
      expect(futures.every((future) => future.isAbandoned === future.isPending)).toBe(true);
    }));

  test('a timer fires once and on time, unless cancelled or its process has ended [P11]', () =>
    forEachProgram(({ timers, actors }) => {
      const allLive = actors.every(({ story }) => !story.includes('finalize'));
      for (const { dueMs, cancelled, firedMs } of timers) {
        if (cancelled) expect(firedMs).toBeUndefined();
        else if (allLive) expect(firedMs).toBe(dueMs);
        else expect([dueMs, undefined]).toContain(firedMs);
      }
    }));

  test('a linked process is told of an end once for each link in force [P7, P8]', () =>
    forEachProgram(({ actors }) => {
      for (const [index, actor] of actors.entries()) {
        const other = actors[(index + 1) % actors.length];
        const links = actor.story.filter((what) => what === 'watch').length;
        const ended = other?.story.includes('finalize') === true;
        const alive = !actor.story.includes('finalize');
        expect(actor.exits.length).toBeLessThanOrEqual(ended ? links : 0);
        if (alive && ended && links > 0) expect(actor.exits.length).toBeGreaterThan(0);
        expect(new Set(actor.exits).size).toBeLessThanOrEqual(1);
      }
    }));
});
