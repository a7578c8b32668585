import { ProcessTable, leads, type RunLeader } from '../../process-tree.ts';
import type { Target } from './protocol.ts';
import type { Clock } from '../../../../libprocess/clock.ts';
import type { Subprocesses } from '../../../../libprocess/subprocess.ts';

/** A wrapper that has not yet forked its command is waited for so long: 500 times 10 ms. */
const WAITS_FOR_COMMAND_MAX = 500;
const WAIT_MS = 10;
/** Rounds of killing what will not die, each a little later: about a minute. */
const ROUNDS_MAX = 1_000;
/** Looking for what ended runs left behind may take one part in so many of the time. */
const LEFTOVERS_TIME_SHARE = 20;
const LEFTOVERS_INTERVAL_MS_MIN = 250;

export interface KillerWorld {
  readonly subprocesses: Subprocesses;
  readonly clock: Clock;
  /** The sandbox that a process was told it runs in (`MESOS_SANDBOX`), if any. */
  readonly sandboxOf: (pid: number) => string | undefined;
  /** Whether it is a wrapper's child that has not become its command yet. */
  readonly isStarting: (pid: number) => boolean;
}

interface Delivery {
  readonly target: Target;
  readonly signal: string;
  readonly delivered: Set<number>;
  waits: number;
}

interface Destruction {
  readonly target: Target;
  readonly stopped: Set<number>;
  readonly done: (() => void)[];
  rounds: number;
  waits: number;
}

/**
 * Signals and kills whole runs. What is asked in one turn is served by one walk over /proc, however
 * many runs it is about.
 */
export class Killer {
  readonly #world: KillerWorld;
  readonly #signals: Delivery[] = [];
  readonly #destructions = new Map<string, Destruction>();
  #round: Disposable | undefined;
  #leftovers: Target[] = [];
  #leftoversTimer: Disposable | undefined;

  constructor(world: KillerWorld) {
    this.#world = world;
  }

  signal(target: Target, signal: string): void {
    this.#signals.push({ target, signal, delivered: new Set(), waits: 0 });
    this.#soon(0);
  }

  /** Resolves once nothing of the run lives but perhaps its wrapper, which is about to end. */
  destroy(target: Target): Promise<void> {
    return new Promise((resolve) => {
      const known = this.#destructions.get(target.containerId);
      if (known) known.done.push(resolve);
      else {
        const fresh = { target, stopped: new Set<number>(), done: [resolve], rounds: 0, waits: 0 };
        this.#destructions.set(target.containerId, fresh);
      }
      this.#soon(0);
    });
  }

  /** The run has ended by itself; whatever it left running is killed soon. */
  bury(target: Target): void {
    this.#leftovers.push(target);
    this.#leftoversTimer ??= this.#world.clock.timer(LEFTOVERS_INTERVAL_MS_MIN, () =>
      this.#buryAll(),
    );
  }

  /** Resolves once all is killed that is left of runs that have ended, or is being killed already. */
  async buryNow(): Promise<void> {
    const dying = [...this.#destructions.values()].map(({ target }) => target);
    const targets = [...dying, ...this.#leftovers.splice(0)];
    await Promise.all(targets.map((target) => this.destroy(target)));
  }

  #buryAll(): void {
    const begunAt = this.#world.clock.monotonic();
    const walk = this.#walk(this.#leftovers);
    for (const target of this.#leftovers) {
      if (walk.members(target).length > 0) void this.destroy(target);
    }
    this.#leftovers = [];
    const pauseMs = (this.#world.clock.monotonic() - begunAt) * LEFTOVERS_TIME_SHARE;
    this.#leftoversTimer = this.#world.clock.timer(
      Math.max(LEFTOVERS_INTERVAL_MS_MIN, pauseMs),
      () => {
        this.#leftoversTimer = undefined;
        if (this.#leftovers.length > 0) this.#buryAll();
      },
    );
  }

  #soon(delayMs: number): void {
    this.#round ??= this.#world.clock.timer(delayMs, () => {
      this.#round = undefined;
      this.#work();
    });
  }

  #work(): void {
    const signals = this.#signals.splice(0);
    const destructions = [...this.#destructions.values()];
    const walk = this.#walk([...signals, ...destructions].map(({ target }) => target));
    for (const asked of signals) this.#deliver(asked, walk.members(asked.target));
    let again = this.#signals.length > 0;
    for (const destruction of destructions) again = this.#advance(destruction, walk) || again;
    if (again) this.#soon(WAIT_MS);
  }

  /**
   * Each process gets it once. Between the claim of a wrapper and the exec of its command a signal
   * would be lost, to nobody or to a shell that is about to forget it: that moment is waited out.
   */
  #deliver(asked: Delivery, members: readonly number[]): void {
    const { target, signal, delivered } = asked;
    let starting = members.length === 0 && delivered.size === 0;
    for (const pid of members) {
      if (delivered.has(pid)) continue;
      if (this.#world.isStarting(pid)) starting = true;
      else {
        delivered.add(pid);
        this.#kill(pid, signal);
      }
    }
    asked.waits += 1;
    if (starting && asked.waits < WAITS_FOR_COMMAND_MAX && this.leads(target))
      this.#signals.push(asked);
  }

  /** Stops first, so that nothing forks away between the look and the kill. True if not done. */
  #advance(destruction: Destruction, walk: Walk): boolean {
    const { target, stopped } = destruction;
    const members = walk.members(target);
    destruction.rounds += 1;
    const fresh = members.filter((pid) => !stopped.has(pid));
    for (const pid of fresh) {
      stopped.add(pid);
      this.#kill(pid, 'SIGSTOP');
    }
    if (fresh.length === 0) for (const pid of members) this.#kill(pid, 'SIGKILL');
    const leading = this.leads(target);
    if (leading) this.#kill(target.pid, 'SIGCONT'); // Somebody may have stopped it with the others.
    if (members.length > 0) return destruction.rounds < ROUNDS_MAX || this.#done(destruction);
    if (leading && stopped.size === 0 && (destruction.waits += 1) < WAITS_FOR_COMMAND_MAX)
      return true;
    return this.#done(destruction);
  }

  /** Whether the wrapper of a run lives. */
  leads(target: Target): boolean {
    return leads(target, this.#world.subprocesses.inspect(target.pid));
  }

  /** The processes of one run now, its wrapper included. */
  processesOf(target: Target): readonly number[] {
    return this.leads(target) ? [target.pid, ...this.#walk([target]).members(target)] : [];
  }

  #walk(targets: readonly Target[]): Walk {
    return new Walk(this.#world, targets);
  }

  #kill(pid: number, signal: string): void {
    try {
      this.#world.subprocesses.signal(pid, signal);
    } catch {
      // It belongs to another user: the next look tells whether it still lives.
    }
  }

  #done({ target, done }: Destruction): false {
    this.#destructions.delete(target.containerId);
    for (const resolve of done) resolve();
    return false;
  }
}

/** One look at all processes, on behalf of some runs. */
class Walk {
  readonly #table: ProcessTable;
  /** Pids by the sandbox they carry as a mark, of processes that belong to no session of ours. */
  readonly #marked = new Map<string | undefined, number[]>();

  constructor({ subprocesses, sandboxOf }: KillerWorld, targets: readonly Target[]) {
    const processes = subprocesses.list();
    this.#table = new ProcessTable(processes);
    const sandboxes = new Set(targets.map(({ sandbox }) => sandbox));
    const oldest = Math.min(...targets.map(({ startTime }) => startTime));
    const leaders = new Set(targets.map(({ pid }) => pid));
    for (const { pid, session, startTime } of processes) {
      if (startTime < oldest || leaders.has(session)) continue;
      const sandbox = sandboxOf(pid);
      // Most processes bear no mark: they are nobody's, even where a target's sandbox is unknown.
      if (sandbox === undefined || !sandboxes.has(sandbox)) continue;
      this.#marked.set(sandbox, [...(this.#marked.get(sandbox) ?? []), pid]);
    }
  }

  members(target: Target): readonly number[] {
    const leader: RunLeader = target;
    const members = this.#table.members(leader, this.#marked.get(target.sandbox));
    return members.map(({ pid }) => pid);
  }
}
