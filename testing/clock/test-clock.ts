import type { Clock, Millis } from '../../libprocess/clock.ts';
import type { Duration } from '../../libprocess/duration.ts';
import type { NodeRuntimeOptions } from '../../libprocess/node/node-runtime.ts';
import type { PID } from '../../libprocess/pid.ts';
import type { Process } from '../../libprocess/process.ts';
import type { ProcessManager } from '../../libprocess/process-manager.ts';
import type { Runtime } from '../../libprocess/runtime.ts';
import { Simulation, type SimulationOptions } from '../../libprocess/sim/simulation.ts';
import { startNode, type StartNodeOptions } from '../../libprocess/start-node.ts';
import { ActorTestError } from '../assertions/actor-test-error.ts';
import { spanMs } from '../duration.ts';
import { NodeTestClock } from './node-test-clock.ts';
import { ProcessTimes } from './process-times.ts';
import { RealSurroundings, SimulatedSurroundings, type Surroundings } from './surroundings.ts';

/** A timer in the time that all nodes of the clock share. */
interface Timer {
  readonly dueMs: Millis;
  /** Of the node that has set it, as it would be without this one. */
  readonly world: Clock;
  readonly thunk: () => void;
  /** In the world, while time is not stopped. */
  armed: Disposable | undefined;
}

/** What `boot` knows, and nothing that the clock itself says. */
export type NodeOptions = Omit<StartNodeOptions, 'runtime'>;

/**
 * The time of some nodes, in the hands of a test. While it is paused nothing is late and no timer
 * fires, save by `advance`; sockets, files and children go on all the same. Each process has its own
 * idea of the time then, and only learns how late it is by what it is told: see `order`.
 *
 * Before `pause`, and after `resume`, time is that of the world: the real one, or a simulated one.
 */
export class TestClock implements AsyncDisposable {
  readonly #world: Surroundings;
  readonly #clocks: NodeTestClock[] = [];
  readonly #nodes: ProcessManager[] = [];
  readonly #timers = new Set<Timer>();
  #stoppedAtMs: Millis | undefined;
  #aheadMs: Millis = 0;
  #times: ProcessTimes | undefined;
  #moving = false;

  private constructor(world: Surroundings) {
    this.#world = world;
  }

  /** For nodes with real sockets, files and children. */
  static real(options: NodeRuntimeOptions = {}): TestClock {
    return new TestClock(new RealSurroundings(options));
  }

  /** For nodes of a simulation: one that is there, or a new one. Nothing takes real time. */
  static simulated(world: Simulation | SimulationOptions = {}): TestClock {
    const sim = world instanceof Simulation ? world : new Simulation(world);
    return new TestClock(new SimulatedSurroundings(sim));
  }

  /** Starts a node whose time this is. The clock closes it. */
  async startNode(options: NodeOptions = {}): Promise<ProcessManager> {
    const { runtime, ip } = this.#world.boot();
    const starting = startNode({ ip, ...options, runtime: this.runtime(runtime) });
    const node = await this.complete(starting);
    this.attach(node);
    return node;
  }

  /** As `runtime`, and its time is that of this clock. Attach the node that is made with it. */
  runtime(runtime: Runtime): Runtime {
    const world = runtime.clock;
    const shared = sharedTime(this, (delayMs, thunk) => this.#timer(world, delayMs, thunk));
    const clock = new NodeTestClock(world, shared);
    this.#clocks.push(clock);
    return { ...runtime, clock, wireClock: world };
  }

  /** Keeps the times of the processes of `node`; `settle` waits for them. */
  attach(node: ProcessManager): void {
    this.#nodes.push(node);
    this.#times?.watch(node);
  }

  get paused(): boolean {
    return this.#stoppedAtMs !== undefined;
  }

  /** How far whoever asks is ahead of the world, or of the moment at which time was stopped. */
  get aheadMs(): Millis {
    return this.#times?.hereMs ?? this.#aheadMs;
  }

  /**
   * Milliseconds on a scale that begins nowhere, and that no clock of the world ever moves back: as the
   * test sees it, or as a process does.
   */
  now(of?: PID<Process>): Millis {
    const ahead = of && this.#times ? this.#times.of(of) : this.aheadMs;
    return (this.#stoppedAtMs ?? this.#world.clock.monotonic()) + ahead;
  }

  /** Stops time. Pausing twice is harmless. */
  pause(): void {
    if (this.paused) return;
    this.#stoppedAtMs = this.#world.clock.monotonic();
    this.#times = new ProcessTimes(() => this.#aheadMs);
    for (const node of this.#nodes) this.#times.watch(node);
    for (const clock of this.#clocks) clock.stop();
    for (const timer of this.#timers) disarm(timer);
  }

  /** Time goes on from where it is now, or where the world is by now. Resuming twice is harmless. */
  resume(): void {
    if (!this.paused) return;
    if (this.#moving) {
      throw new ActorTestError('MISUSE', 'Failed to resume: the clock moves (await advance first)');
    }
    this.#stoppedAtMs = undefined;
    this.#times?.[Symbol.dispose]();
    this.#times = undefined;
    for (const clock of this.#clocks) clock.go();
    for (const timer of this.#timers) this.#arm(timer);
  }

  /**
   * Lets time pass. All timers that fall due fire, each at its time and with all that follows from it
   * before the next. With `of`, moves the time of one process alone: no timer fires.
   */
  async advance(span: Duration, of?: PID<Process>): Promise<void> {
    const times = this.#requirePaused('advance the clock');
    const ms = spanMs(span);
    if (of) times.set(of, times.of(of) + ms);
    else await this.#move(this.#aheadMs + ms);
  }

  /** As `advance`, to a time of the scale of `now`. */
  async update(timeMs: Millis, of?: PID<Process>): Promise<void> {
    this.#requirePaused('set the clock');
    const ms = timeMs - this.now(of);
    if (!(ms >= 0)) {
      const message = `Failed to set the clock to ${timeMs}: it is ${this.now(of)} already`;
      throw new ActorTestError('MISUSE', message);
    }
    await this.advance(ms, of);
  }

  /** `to` is now at least as late as `from`: as if it had been told something. */
  order(from: PID<Process>, to: PID<Process>): void {
    const times = this.#requirePaused('order the times of processes');
    if (times.of(to) < times.of(from)) times.set(to, times.of(from));
  }

  /**
   * Waits until no process of the nodes has anything to do, also for what they say to one another. What
   * others have to answer, a child or a server elsewhere, is not waited for: `await` its future.
   */
  async settle(): Promise<void> {
    this.#requirePaused('settle');
    await this.#move(this.#aheadMs);
  }

  /** Whether nothing is left to do until time passes; what is on its way in a socket does not count. */
  get settled(): boolean {
    this.#requirePaused('ask whether all has settled');
    return this.#idle() && !this.#nextDue(this.#aheadMs);
  }

  /**
   * Lets the world go on until `done` holds; false if it does not `withinMs` of the world's time. Time
   * that is paused stands still meanwhile, save that what is due happens.
   */
  async waitUntil(done: () => boolean, withinMs: Millis): Promise<boolean> {
    if (this.paused && !this.#moving) await this.settle();
    return this.#world.until(done, withinMs);
  }

  /** Lets the world go on until `promise` settles, and gives its outcome. */
  async complete<T>(promise: PromiseLike<T>): Promise<T> {
    let settled = false;
    const note = (): void => void (settled = true);
    promise.then(note, note);
    if (await this.#world.until(() => settled, COMPLETES_WITHIN_MS)) return promise;
    throw new ActorTestError('NEVER', 'The promise has not settled within an hour');
  }

  /** Ends all nodes that it has started or that were attached. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.resume();
    const nodes = this.#nodes.splice(0).reverse();
    await this.complete(Promise.all(nodes.map((node) => node[Symbol.asyncDispose]())));
    for (const timer of this.#timers) disarm(timer);
    this.#timers.clear();
  }

  async #move(aheadMs: Millis): Promise<void> {
    if (this.#moving) {
      throw new ActorTestError(
        'MISUSE',
        'The clock moves already: await each call before the next',
      );
    }
    this.#moving = true;
    const idle = (): boolean => this.#idle();
    try {
      await this.#world.letPass(idle);
      let standing = 0;
      for (let timer = this.#nextDue(aheadMs); timer; timer = this.#nextDue(aheadMs)) {
        const before = this.#aheadMs;
        const dueMs = timer.dueMs - this.#zeroMs();
        this.#timers.delete(timer);
        this.#aheadMs = Math.max(this.#aheadMs, dueMs);
        this.#times?.at(this.#aheadMs, timer.thunk);
        await this.#world.letPass(idle);
        standing = this.#aheadMs > before ? 0 : standing + 1;
        if (standing > TIMERS_AT_ONCE_MAX) {
          const message = `No rest: ${String(standing)} timers were due, one after another, without any time passing`;
          throw new ActorTestError('NEVER', message);
        }
      }
      this.#aheadMs = aheadMs;
    } finally {
      this.#moving = false;
    }
  }

  /** The first timer that is due when time is so far ahead; of several, the one that was set first. */
  #nextDue(aheadMs: Millis): Timer | undefined {
    let next: Timer | undefined;
    const untilMs = this.#zeroMs() + aheadMs;
    for (const timer of this.#timers) {
      if (timer.dueMs <= untilMs && (!next || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  }

  #timer(world: Clock, delayMs: Millis, thunk: () => void): Disposable {
    const dueMs = this.now() + Math.max(0, delayMs);
    const timer: Timer = { dueMs, world, thunk, armed: undefined };
    this.#timers.add(timer);
    if (!this.paused) this.#arm(timer);
    return {
      [Symbol.dispose]: () => {
        this.#timers.delete(timer);
        disarm(timer);
      },
    };
  }

  #arm(timer: Timer): void {
    timer.armed = timer.world.timer(timer.dueMs - this.now(), () => {
      this.#timers.delete(timer);
      timer.thunk();
    });
  }

  #zeroMs(): Millis {
    return this.#stoppedAtMs ?? 0;
  }

  #idle(): boolean {
    return this.#nodes.every(({ runQueue }) => runQueue.idle);
  }

  #requirePaused(what: string): ProcessTimes {
    if (this.#times) return this.#times;
    throw new ActorTestError('MISUSE', `Failed to ${what}: it runs (pause() it first)`);
  }
}

/** Timers that may be due without time passing, before something is taken to set them for ever. */
const TIMERS_AT_ONCE_MAX = 10_000;
/** How long a start or an end of a node may take, in the world's time. */
const COMPLETES_WITHIN_MS: Millis = 3_600_000;

function disarm(timer: Timer): void {
  timer.armed?.[Symbol.dispose]();
  timer.armed = undefined;
}

function sharedTime(
  clock: TestClock,
  timer: Clock['timer'],
): ConstructorParameters<typeof NodeTestClock>[1] {
  return {
    get paused() {
      return clock.paused;
    },
    get aheadMs() {
      return clock.aheadMs;
    },
    timer,
  };
}
