import type { ProcessInfo } from '../../libprocess/subprocess.ts';

/** The process that leads a run: its wrapper. */
export interface RunLeader {
  readonly pid: number;
  readonly startTime: number;
}

/** A zombie is dead, whatever else still shows of it: its parent has only not looked yet. */
export function isAlive(process: ProcessInfo): boolean {
  return process.state !== 'Z' && process.state !== 'X';
}

/** Whether `process` is that very one and not a later one with its pid. */
export function isSame(leader: RunLeader, process: ProcessInfo | undefined): boolean {
  return process?.pid === leader.pid && process.startTime === leader.startTime;
}

/** Whether the leader itself still runs. */
export function leads(leader: RunLeader, process: ProcessInfo | undefined): boolean {
  return process !== undefined && isSame(leader, process) && isAlive(process);
}

/** Processes by pid, with their children: built once, asked for many runs. */
export class ProcessTable {
  readonly #byPid: ReadonlyMap<number, ProcessInfo>;
  readonly #children = new Map<number, ProcessInfo[]>();
  readonly #sessions = new Map<number, ProcessInfo[]>();

  constructor(processes: readonly ProcessInfo[]) {
    this.#byPid = new Map(processes.map((process) => [process.pid, process]));
    for (const process of processes) {
      group(this.#children, process.parent, process);
      group(this.#sessions, process.session, process);
    }
  }

  get(pid: number): ProcessInfo | undefined {
    return this.#byPid.get(pid);
  }

  /**
   * The living processes of a run except its leader: its session, what descends from that, and what
   * descends from `also` (pids found by other means). A session's id stays taken while any member
   * lives; so if another process has the leader's pid by now, nothing of the run is left.
   */
  members(leader: RunLeader, also: readonly number[] = []): readonly ProcessInfo[] {
    const holder = this.#byPid.get(leader.pid);
    const reused = holder !== undefined && !isSame(leader, holder);
    const found = new Map<number, ProcessInfo>();
    const add = (process: ProcessInfo): void => {
      if (found.has(process.pid) || process.startTime < leader.startTime) return;
      found.set(process.pid, process);
      this.#children.get(process.pid)?.forEach(add);
    };
    if (!reused) {
      if (holder) add(holder);
      this.#sessions.get(leader.pid)?.forEach(add);
    }
    for (const pid of also) {
      const process = this.#byPid.get(pid);
      if (process) add(process);
    }
    if (!reused) found.delete(leader.pid);
    return [...found.values()].filter(isAlive);
  }
}

function group(groups: Map<number, ProcessInfo[]>, key: number, process: ProcessInfo): void {
  const members = groups.get(key);
  if (members) members.push(process);
  else groups.set(key, [process]);
}
