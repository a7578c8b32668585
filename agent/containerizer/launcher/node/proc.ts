import { readFileSync } from 'node:fs';
import { WRAPPER_SCRIPT } from './wrapper.ts';
import type { RunUsage } from '../launcher.ts';

const WRAPPER_START = `/bin/sh\0-c\0${WRAPPER_SCRIPT}`;

/** Clock ticks per second in /proc: the same on every Linux that we run on. */
const TICKS_PER_SECOND = 100;

/** The sandbox that a process was told it runs in; it keeps this mark wherever it hides. */
export function sandboxOf(pid: number): string | undefined {
  const environment = read(`/proc/${pid}/environ`) ?? '';
  // An empty environment, or an empty mark, is no mark: it would be that of many.
  return /(?:^|\0)MESOS_SANDBOX=([^\0]+)/.exec(environment)?.[1];
}

/** A shell that still shows the wrapper's own text has not become anything else yet. */
export function isStarting(pid: number): boolean {
  return read(`/proc/${pid}/cmdline`)?.startsWith(WRAPPER_START) ?? false;
}

/** What these processes use now, and their ended children have used. */
export function usageOf(pids: readonly number[]): RunUsage {
  let [processes, threads, residentBytes, userTicks, systemTicks] = [0, 0, 0, 0, 0];
  for (const pid of pids) {
    const times = readTimes(pid);
    if (!times) continue;
    const status = read(`/proc/${pid}/status`) ?? '';
    processes += 1;
    threads += numberIn(status, /^Threads:\s+(\d+)$/m);
    residentBytes += numberIn(status, /^VmRSS:\s+(\d+) kB$/m) * 1024;
    userTicks += times.userTicks;
    systemTicks += times.systemTicks;
  }
  return {
    processes,
    threads,
    residentBytes,
    cpuUserSeconds: userTicks / TICKS_PER_SECOND,
    cpuSystemSeconds: systemTicks / TICKS_PER_SECOND,
  };
}

/** Fields 14 to 17 of /proc/PID/stat, counted from the end of the name, which may hold blanks. */
function readTimes(pid: number): { userTicks: number; systemTicks: number } | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number);
  return {
    userTicks: (user ?? 0) + (childrenUser ?? 0),
    systemTicks: (system ?? 0) + (childrenSystem ?? 0),
  };
}

function numberIn(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? 0);
}

/** Undefined if it has gone, or is not ours to look at. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
