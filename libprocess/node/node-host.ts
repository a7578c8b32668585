import { readFileSync } from 'node:fs';
import { availableParallelism, freemem, hostname, loadavg, totalmem, userInfo } from 'node:os';
import type { Host } from '../host.ts';

/** Facts about this machine and this process; those that cannot change are read once. */
export class NodeHost implements Host {
  readonly hostname = hostname();
  readonly bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  readonly pid = process.pid;
  /** Counts only processors that this process may run on. */
  readonly cpus = availableParallelism();
  readonly memoryBytesTotal = memoryBytesTotal();
  readonly user = userName();

  environment(): Readonly<Record<string, string>> {
    const environment: Record<string, string> = {};
    for (const [name, value] of Object.entries(process.env)) {
      if (value !== undefined) environment[name] = value;
    }
    return environment;
  }

  loadAverage(): readonly [number, number, number] {
    const [one = 0, five = 0, fifteen = 0] = loadavg();
    return [one, five, fifteen];
  }

  memoryBytesFree(): number {
    return Math.min(freemem(), this.memoryBytesTotal);
  }

  residentBytes(): number {
    return process.memoryUsage.rss();
  }
}

/** What the machine has, or less if a control group allows less. */
function memoryBytesTotal(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** A uid without an entry in the user database is its own name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}
