import { ProcessTable, leads, type RunLeader } from '../../process-tree.ts';
import { sandboxOf } from './proc.ts';
import type { Target } from './protocol.ts';
import type { ProcessInfo, Subprocesses } from '../../../../libprocess/subprocess.ts';

/** A wrapper that has not yet forked its command is waited for so long: 500 times 10 ms. */
const WAITS_FOR_COMMAND_MAX = 500;
const WAIT_MS = 10;
/** Rounds of killing what will not die, each a little later: about a minute. */
const ROUNDS_MAX = 1_000;
/** Looking for what ended runs left behind may take one part in so many of the time. */
const LEFTOVERS_TIME_SHARE = 20;
const LEFTOVERS_INTERVAL_MS_MIN = 250;

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
  readonly #subprocesses: Subprocesses;
  readonly #signals: { target: Target; signal: NodeJS.Signals; waits: number }[] = [];
  readonly #destructions = new Map<string, Destruction>();
  #round: NodeJS.Timeout | undefined;
  #leftovers: Target[] = [];
  #leftoversTimer: NodeJS.Timeout | undefined;

  constructor(subprocesses: Subprocesses) {
    this.#subprocesses = subprocesses;
  }

  signal(target: Target, signal: NodeJS.Signals): void {
    this.#signals.push({ target, signal, waits: 0 });
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
    this.#leftoversTimer ??= setTimeout(() => this.#buryAll(), LEFTOVERS_INTERVAL_MS_MIN);
  }

  #buryAll(): void {
    const begunAt = performance.now();
    const walk = this.#walk(this.#leftovers);
    for (const target of this.#leftovers) {
      if (walk.members(target).length > 0) void this.destroy(target);
    }
    this.#leftovers = [];
    const pauseMs = (performance.now() - begunAt) * LEFTOVERS_TIME_SHARE;
    this.#leftoversTimer = setTimeout(
      () => {
        this.#leftoversTimer = undefined;
        if (this.#leftovers.length > 0) this.#buryAll();
      },
      Math.max(LEFTOVERS_INTERVAL_MS_MIN, pauseMs),
    );
  }

  #soon(delayMs: number): void {
    this.#round ??= setTimeout(() => {
      this.#round = undefined;
      this.#work();
    }, delayMs);
  }

  #work(): void {
    const signals = this.#signals.splice(0);
    const destructions = [...this.#destructions.values()];
    const walk = this.#walk([...signals, ...destructions].map(({ target }) => target));
    for (const asked of signals) {
      const { target, signal } = asked;
      const members = walk.members(target);
      for (const pid of members) this.#kill(pid, signal);
      // Between claim and fork there is nobody to signal yet.
      if (members.length > 0 || !this.leads(target)) continue;
      if (asked.waits < WAITS_FOR_COMMAND_MAX)
        this.#signals.push({ ...asked, waits: asked.waits + 1 });
    }
    let again = this.#signals.length > 0;
    for (const destruction of destructions) again = this.#advance(destruction, walk) || again;
    if (again) this.#soon(WAIT_MS);
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
    return leads(target, this.#subprocesses.inspect(target.pid));
  }

  /** The processes of one run now, its wrapper included. */
  processesOf(target: Target): readonly number[] {
    return this.leads(target) ? [target.pid, ...this.#walk([target]).members(target)] : [];
  }

  #walk(targets: readonly Target[]): Walk {
    return new Walk(this.#subprocesses.list(), targets);
  }

  #kill(pid: number, signal: NodeJS.Signals): void {
    try {
      this.#subprocesses.signal(pid, signal);
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
  readonly #marked = new Map<string, number[]>();

  constructor(processes: readonly ProcessInfo[], targets: readonly Target[]) {
    this.#table = new ProcessTable(processes);
    const sandboxes = new Set(targets.map(({ sandbox }) => sandbox));
    const oldest = Math.min(...targets.map(({ startTime }) => startTime));
    const leaders = new Set(targets.map(({ pid }) => pid));
    for (const { pid, session, startTime } of processes) {
      if (startTime < oldest || leaders.has(session)) continue;
      const sandbox = sandboxOf(pid);
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
