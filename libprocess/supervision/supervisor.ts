import { dispatch } from '../dispatch.ts';
import type { Duration } from '../duration.ts';
import { RuntimeError } from '../errors.ts';
import type { ExitReason } from '../event.ts';
import { type Future, FuturePromise } from '../future.ts';
import type { Logger } from '../logger.ts';
import type { PID } from '../pid.ts';
import { Process, type IdGenerator } from '../process.ts';
import type { UPID } from '../upid.ts';
import { Child } from './child.ts';
import type { ChildSpec, RestartLimits, Strategy } from './child-spec.ts';
import { RemoteChild } from './remote-child.ts';
import { RestartBudget } from './restart-budget.ts';

/** What a supervisor keeps running, and how. */
export interface SupervisorOptions {
  /** Started in this order, and stopped in the reverse one. */
  readonly children: readonly ChildSpec[];
  /** Default: one-for-one. */
  readonly strategy?: Strategy;
  /**
   * For all children together, save for those that have limits of their own. Default: one restart
   * within 5 s, as in Erlang/OTP.
   */
  readonly limits?: RestartLimits;
  /** How long `shutdown` may take altogether; then all that is left ends at once. Default: 30 s. */
  readonly shutdown?: Duration;
}

/** A supervisor could not do what it is for. */
export class SupervisorError extends RuntimeError {}

const DEFAULT_LIMITS: RestartLimits = { intensity: 1, period: '5s' };
const CHILD_SHUTDOWN: Duration = '5s';
const SHUTDOWN: Duration = '30s';

/** A child as it is now. */
export interface ChildStatus {
  readonly id: string;
  /** Undefined while it does not run. */
  readonly pid: PID<Process> | undefined;
  readonly restarts: number;
}

/**
 * Starts processes and starts them again when they end, in the manner of Erlang/OTP. A child that is
 * started again has the same id, so that its UPID goes on to reach it.
 *
 * ```
 *               a child ended            those that its end concerns have stopped
 *   all run ─────────────────► stopping ──────────────────────────────────────────► all run
 *      │                          │
 *      │ shutdown                 │ too many restarts
 *      ▼                          ▼
 *   stopping all ──► ended     stopping all ──► failed: whoever is linked hears of it
 * ```
 *
 * One that was told to stop is waited for before the next is, last started first. A supervisor that is
 * terminated takes its children with it, at once.
 */
export class Supervisor extends Process {
  readonly #options: SupervisorOptions;
  readonly #strategy: Strategy;
  readonly #budget: RestartBudget;
  /** In the order of their start. */
  #children: Child[] = [];
  /** To be stopped where they still run, and started when all of them have ended. */
  readonly #restarting = new Set<Child>();
  #closing: 'shutdown' | 'gave up' | undefined;
  readonly #closed = new FuturePromise<void>();
  #log: Logger | undefined;

  constructor(id: string | IdGenerator, options: SupervisorOptions) {
    super(id);
    this.#options = options;
    this.#strategy = options.strategy ?? 'one-for-one';
    this.#budget = new RestartBudget(options.limits ?? DEFAULT_LIMITS);
  }

  protected override initialize(): void {
    this.#log = this.runtime.logger.child('supervisor');
    // One that cannot start is an error of the program: it fails, and so do those who have this child.
    for (const spec of this.#options.children) this.startChild(spec);
  }

  protected override finalize(): void {
    for (const { pid } of this.#children.toReversed()) if (pid) this.node.terminate(pid);
  }

  /** Throws what its `start` throws, and `SupervisorError` if the id is taken; then nothing has changed. */
  startChild(spec: ChildSpec): PID<Process> {
    if (this.#closing) throw this.#error('CLOSING', `start '${spec.id}': it is closing`);
    if (this.#children.some((child) => child.spec.id === spec.id))
      throw this.#error('CHILD_EXISTS', `start '${spec.id}': it has a child of that name`);
    const child = new Child(spec);
    try {
      const pid = this.#start(child);
      this.#children.push(child);
      return pid;
    } catch (error) {
      if (child.pid) this.node.terminate(child.pid); // It was `started` that threw.
      throw error;
    }
  }

  /** Stops a child for good. Ready when it has ended; at once if there is none of that name. */
  stopChild(id: string): Future<void> {
    const child = this.#children.find(({ spec }) => spec.id === id);
    const promise = child?.removed ?? new FuturePromise<void>();
    if (child) child.removed = promise;
    if (child?.pid) this.#stop(child);
    else this.#forget(child, promise);
    return promise.future;
  }

  children(): readonly ChildStatus[] {
    return this.#children.map(({ spec, pid, restarts }) => ({ id: spec.id, pid, restarts }));
  }

  /** Stops all children, the last started first, each in its time, and then itself. */
  shutdown(): Future<void> {
    this.#close('shutdown');
    return this.#closed.future;
  }

  protected override exited(upid: UPID, reason: ExitReason): void {
    const child = this.#children.find(({ pid }) => pid?.equals(upid));
    // Linked, it is a namesake that has ended: one whose `started` threw.
    if (!child || this.linked(upid)) return;
    child.ended();
    if (child.removed) this.#forget(child, child.removed);
    else if (!this.#closing && !this.#restarting.has(child)) this.#lost(child, reason);
    this.#advance();
  }

  /** A child has ended of itself. */
  #lost(child: Child, reason: ExitReason): void {
    const { restart = 'permanent' } = child.spec;
    if (restart === 'temporary') this.#forget(child);
    if (restart === 'temporary' || (restart === 'transient' && reason !== 'failed')) return;
    this.#restart(child, `it has ${reason}`);
  }

  #restart(child: Child, why: string): void {
    child.restarts += 1;
    if (!(child.budget ?? this.#budget).spend(this.runtime.clock.monotonic())) {
      this.#log?.error('Too many restarts; the supervisor ends', { ...this.#of(child), why });
      this.#close('gave up');
      return;
    }
    this.#log?.warn('A child is started again', { ...this.#of(child), why });
    const at = this.#children.indexOf(child);
    this.#children.forEach((sibling, index) => {
      const concerned = this.#strategy === 'one-for-all' || index > at;
      if (sibling === child || (concerned && this.#strategy !== 'one-for-one'))
        this.#restarting.add(sibling);
    });
  }

  #close(why: 'shutdown' | 'gave up'): void {
    if (this.#closing) return;
    this.#closing = why;
    this.delay(this.#options.shutdown ?? SHUTDOWN, () => {
      this.#log?.warn('Children have not stopped in time; they end now', { pid: this.self });
      this.finalize();
    });
    this.#advance();
  }

  /** Takes the next step, if none is being waited for. */
  #advance(): void {
    const leaving = this.#closing ? new Set(this.#children) : this.#restarting;
    const last = this.#children.findLast((child) => child.pid && leaving.has(child));
    if (last) this.#stop(last);
    else if (this.#closing) this.#end(this.#closing);
    else this.#startAgain();
  }

  #stop(child: Child): void {
    const { pid, spec, process } = child;
    if (!pid || child.stopping) return;
    child.stopping = true;
    const { shutdown = CHILD_SHUTDOWN } = spec;
    if (shutdown === 'kill') {
      this.node.terminate(pid);
    } else if (process instanceof Supervisor) {
      dispatch(process.self, 'shutdown');
    } else {
      if (process instanceof RemoteChild) dispatch(process.self, 'stop');
      else this.node.terminate(pid, { inject: false });
      child.timer = this.delay(shutdown, () => {
        this.#log?.warn('A child has not stopped in time; it ends now', this.#of(child));
        this.node.terminate(pid);
      });
    }
  }

  #startAgain(): void {
    const starting = this.#children.filter((child) => this.#restarting.has(child));
    this.#restarting.clear();
    for (const [index, child] of starting.entries()) {
      if (child.spec.restart === 'temporary') {
        this.#forget(child);
        continue;
      }
      try {
        this.#start(child);
      } catch (error) {
        this.#log?.error('A child could not be started', { ...this.#of(child), error });
        for (const later of starting.slice(index)) this.#restarting.add(later);
        this.#restart(child, 'it could not be started');
        if (!this.#closing) this.defer(() => this.#advance())();
        return;
      }
    }
  }

  #start(child: Child): PID<Process> {
    const process = child.spec.start();
    const pid = this.node.spawn(process);
    child.started(process, pid);
    this.link(pid);
    child.spec.started?.(pid);
    return pid;
  }

  #forget(child: Child | undefined, promise?: FuturePromise<void>): void {
    this.#children = this.#children.filter((other) => other !== child);
    if (child) this.#restarting.delete(child);
    promise?.set(undefined);
  }

  #end(why: 'shutdown' | 'gave up'): void {
    if (why === 'gave up') throw this.#error('GAVE_UP', 'keep its children: too many restarts');
    this.#closed.set(undefined);
    this.node.terminate(this.self);
  }

  #of(child: Child): { readonly pid: string; readonly child: string; readonly restarts: number } {
    return { pid: this.self.toString(), child: child.spec.id, restarts: child.restarts };
  }

  #error(code: string, what: string): SupervisorError {
    return new SupervisorError(code, `Supervisor '${this.id}' failed to ${what}`);
  }
}
