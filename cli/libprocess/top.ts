import { setTimeout as sleep } from 'node:timers/promises';
import { Interrupted, type Host } from './host.ts';
import { WATCH_MS_MAX } from './ps.ts';
import { listProcesses, type AskOptions, type ListedProcess } from './node-client.ts';
import { safeJson } from './printable.ts';
import { rowsOf, tableOf, type ProcessRow } from './process-table.ts';

export interface TopOptions {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly interval: number;
  readonly timeout: number;
}

const QUIT = 'q';
const CLEAR = '\x1b[H\x1b[2J';
/** The node stops measuring by itself when nobody asks any more. */
const WATCH_INTERVALS = 3;
const WATCH_MS_MIN = 5_000;
/** Lines of the screen that are not rows. */
const FRAME_LINES = 3;
const ROWS_WITHOUT_TERMINAL = 50;

/** Shows what the processes of a node are busy with, again and again, until `q`; Ctrl-C throws. */
export async function top(host: Host, address: string, options: TopOptions): Promise<void> {
  const quit = new AbortController();
  const signal = AbortSignal.any([host.signal, quit.signal]);
  const keys = host.terminal?.onKey((key) => {
    if (key === 'q') quit.abort(QUIT);
    else if (key === '\x03') quit.abort(new Interrupted());
  });
  const ask = { env: host.env, timeoutMs: options.timeout, signal };
  try {
    let before = await look(address, options, ask);
    do {
      const sinceMs = performance.now();
      await sleep(options.interval, undefined, { signal });
      const now = await look(address, options, ask);
      const rows = rowsOf(now, before, performance.now() - sinceMs);
      host.stdout.write(show(host, address, { rows, options }));
      before = now;
    } while (options.once !== true);
  } catch (error) {
    if (quit.signal.reason instanceof Interrupted) throw quit.signal.reason;
    if (signal.reason !== QUIT) throw error;
  } finally {
    keys?.[Symbol.dispose]();
  }
}

const look = (
  address: string,
  { interval }: TopOptions,
  ask: AskOptions,
): Promise<readonly ListedProcess[]> => {
  const watchMs = Math.min(WATCH_MS_MAX, Math.max(WATCH_MS_MIN, WATCH_INTERVALS * interval));
  return listProcesses(address, `${watchMs}ms`, ask);
};

function show(
  host: Host,
  address: string,
  { rows, options }: { rows: readonly ProcessRow[]; options: TopOptions },
): string {
  if (options.json === true) return `${safeJson({ address, processes: rows })}\n`;
  const screen = options.once === true ? undefined : host.terminal;
  const fitting = (screen ? screen.rows : ROWS_WITHOUT_TERMINAL) - FRAME_LINES;
  const queued = rows.reduce((sum, row) => sum + row.queued, 0);
  const busy = rows.reduce((sum, row) => sum + (row.busyPercent ?? 0), 0);
  const head = `${address}: ${rows.length} processes, ${queued} events queued, ${busy.toFixed(1)}% busy`;
  const shown = options.once === true ? rows : rows.slice(0, Math.max(1, fitting));
  const text = [head, '', ...tableOf(shown, screen?.columns)].join('\n');
  return screen ? `${CLEAR}${text}` : `${text}\n\n`;
}
