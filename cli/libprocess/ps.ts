import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from './host.ts';
import { listProcesses, type ListedProcess } from './node-client.ts';
import { safeJson } from './printable.ts';
import { rowsOf, tableOf } from './process-table.ts';

export interface PsOptions {
  readonly json?: boolean;
  readonly measure: number;
  readonly timeout: number;
}

/** Longest that a node measures for one request. */
export const WATCH_MS_MAX = 60_000;

/** Prints the processes of a node once: those that were busiest while it measured come first. */
export async function ps(host: Host, address: string, options: PsOptions): Promise<void> {
  const { signal } = host;
  const ask = { env: host.env, timeoutMs: options.timeout, signal };
  const watchMs = Math.min(WATCH_MS_MAX, options.measure + options.timeout);
  const watch = options.measure === 0 ? undefined : `${watchMs}ms`;
  let before: readonly ListedProcess[] = [];
  const sinceMs = performance.now();
  if (watch !== undefined) {
    before = await listProcesses(address, watch, ask);
    await sleep(options.measure, undefined, { signal });
  }
  // Asked without a watch, it tells what it has measured and goes on no longer than it was to.
  const now = await listProcesses(address, undefined, ask);
  if (options.json === true) {
    host.stdout.write(`${safeJson(now)}\n`);
    return;
  }
  const rows = rowsOf(now, before, performance.now() - sinceMs);
  host.stdout.write(`${tableOf(rows).join('\n')}\n`);
}
