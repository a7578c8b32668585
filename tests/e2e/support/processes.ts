import { readdirSync, readFileSync } from 'node:fs';
import { parseProcStat } from '../../../libprocess/node/subprocess/proc-stat.ts';
import type { ProcessInfo } from '../../../libprocess/subprocess.ts';

/** A process that lives: zombies are dead. */
export function inspect(pid: number): ProcessInfo | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const process = stat === undefined ? undefined : parseProcStat(stat);
  return process && !/[ZX]/.test(process.state) ? process : undefined;
}

/** Tells a process from a later one with its number. */
export function identity(pid: number): string {
  const process = inspect(pid);
  if (!process) throw new Error(`There is no process ${pid}`);
  return `${pid} of ${process.startTime}`;
}

/** The living processes that name `text` in their arguments or environment, and not us. */
export function processesNaming(text: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && inspect(pid) !== undefined)
    .filter((pid) =>
      ['cmdline', 'environ'].some((file) => read(`/proc/${pid}/${file}`)?.includes(text)),
    );
}

/** For reports: what a process was started as. */
export function commandOf(pid: number): string {
  return `${pid}: ${(read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').slice(0, 200)}`;
}

/** Processes end while they are looked at. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
