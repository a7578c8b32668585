import type { Millis } from '../../clock.ts';
import { SubprocessError } from '../../errors.ts';
import type { ExitStatus, ProcessInfo } from '../../subprocess.ts';
import { Incarnation } from '../incarnation.ts';
import type { SimRandom } from '../sim-random.ts';
import type { World } from '../world.ts';
import { SimProcess, type ProcessImage } from './sim-process.ts';

/**
 * The processes of one machine. A process that has ended stays a zombie until its parent reaps it;
 * orphans belong to process 1, which takes its time.
 */
export class ProcessTable {
  /** How long starting a process takes, at most; assign more for a machine that is short of memory. */
  spawnMsMax: Millis = SPAWN_MS_MAX;
  /** Called with each process that begins, before its program does. */
  onStart: ((process: SimProcess) => void) | undefined;
  readonly #world: World;
  readonly #random: SimRandom;
  readonly #machine: string;
  readonly #processes = new Map<number, SimProcess>();
  #bootedAtMs = 0;
  #nextPid = FIRST_PID;

  constructor(world: World, machine: string, random: SimRandom) {
    this.#world = world;
    this.#machine = machine;
    this.#random = random;
  }

  get(pid: number): SimProcess | undefined {
    return this.#processes.get(pid);
  }

  /** Starts a process; `parent` undefined: a service of process 1. */
  start(image: ProcessImage, parent?: SimProcess): SimProcess {
    const pid = this.#freePid();
    const id = this.#world.nextId();
    const label = `${this.#machine}#${id}`;
    const own = image.session || !parent;
    const process = new SimProcess({
      image,
      pid,
      parent: parent?.pid ?? INIT_PID,
      group: own ? pid : parent.group,
      session: own ? pid : parent.session,
      startTime: Math.floor((this.#world.nowMs - this.#bootedAtMs) / TICK_MS),
      incarnation: new Incarnation(this.#world, { id, label }),
    });
    this.#processes.set(pid, process);
    process.incarnation.record(`started ${image.argv.join(' ')}`);
    this.onStart?.(process);
    return process;
  }

  /** All but process 1, zombies among them. */
  all(): Iterable<SimProcess> {
    return this.#processes.values();
  }

  list(): readonly ProcessInfo[] {
    return [INIT, ...[...this.#processes.values()].map((process) => process.info)];
  }

  inspect(pid: number): ProcessInfo | undefined {
    return pid === INIT_PID ? INIT : this.#processes.get(pid)?.info;
  }

  /** As `Subprocesses.signal`. It takes effect in a later turn, in the order of the signals. */
  signal(pid: number, name: string): boolean {
    if (!Number.isInteger(pid) || Math.abs(pid) < 2) {
      throw new SubprocessError('EINVAL', `Failed to signal process ${pid}: no such target`);
    }
    if (!SIGNALS.has(name)) {
      const reason = `unknown signal '${name}'`;
      throw new SubprocessError('ERR_UNKNOWN_SIGNAL', `Failed to signal process ${pid}: ${reason}`);
    }
    const targets = [...this.#processes.values()].filter((process) =>
      pid > 0 ? process.pid === pid : process.group === -pid,
    );
    for (const target of targets) {
      this.#world.after(0, target.incarnation.id, () => this.#deliver(target, name));
    }
    return targets.length > 0;
  }

  /** Ends a process now; its parent learns of it if it is still there. */
  end(process: SimProcess, status: ExitStatus): void {
    if (process.ended) return;
    process.end(status);
    for (const child of this.#processes.values()) {
      if (child.parent === process.pid) this.#adopt(child);
    }
    const parent = this.#processes.get(process.parent);
    if (!parent || parent.ended) this.#reapLater(process);
    else {
      const noticedMs = this.#random.within(0.1, EXIT_NOTICED_MS_MAX);
      parent.incarnation.after(noticedMs, () => this.#reap(process));
    }
  }

  /** The power is gone: nobody learns of anything. */
  clear(): void {
    const processes = [...this.#processes.values()];
    this.#processes.clear();
    for (const { incarnation } of processes) incarnation.end();
  }

  /** A new boot: ticks and pids count from their beginning again. */
  boot(): void {
    this.#bootedAtMs = this.#world.nowMs;
    this.#nextPid = FIRST_PID;
  }

  #deliver(process: SimProcess, name: string): void {
    if (process.ended) return;
    process.incarnation.record(`signal ${name}`);
    switch (process.reaction(name)) {
      case 'end':
        this.end(process, { signal: name });
        return;
      case 'stop':
        process.stop();
        return;
      case 'continue':
        for (const pending of process.resume()) this.#deliver(process, pending);
        return;
      case 'handled':
        return;
    }
  }

  #adopt(child: SimProcess): void {
    child.parent = INIT_PID;
    if (child.ended) this.#reapLater(child);
  }

  #reapLater(process: SimProcess): void {
    const delayMs = this.#random.within(0, INIT_REAPS_MS_MAX);
    this.#world.after(delayMs, process.incarnation.id, () => this.#reap(process));
  }

  #reap(process: SimProcess): void {
    if (this.#processes.get(process.pid) !== process) return;
    this.#processes.delete(process.pid);
    process.reaped();
  }

  #freePid(): number {
    while (this.#processes.has(this.#nextPid)) this.#nextPid += 1;
    const pid = this.#nextPid;
    this.#nextPid = pid >= PID_MAX ? FIRST_PID : pid + 1;
    return pid;
  }
}

const SIGNALS: ReadonlySet<string> = new Set([
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGABRT',
  'SIGKILL',
  'SIGUSR1',
  'SIGUSR2',
  'SIGSEGV',
  'SIGPIPE',
  'SIGALRM',
  'SIGTERM',
  'SIGCHLD',
  'SIGCONT',
  'SIGSTOP',
]);

const SPAWN_MS_MAX: Millis = 5;
const INIT_PID = 1;
const INIT: ProcessInfo = {
  pid: INIT_PID,
  parent: 0,
  group: 1,
  session: 1,
  startTime: 0,
  state: 'S',
};
const FIRST_PID = 300;
const PID_MAX = 32_768;
const TICK_MS = 10;
const EXIT_NOTICED_MS_MAX = 3;
/** Orphans stay zombies for some seconds on some hosts. */
const INIT_REAPS_MS_MAX = 5_000;
