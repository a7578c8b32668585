import { printable } from './printable.ts';
import type { ListedHandler, ListedProcess } from './node-client.ts';

/** A process over the time between two looks at it. */
export interface ProcessRow {
  readonly id: string;
  readonly queued: number;
  /** Events it handled; undefined if the node did not measure. */
  readonly handledPerSecond: number | undefined;
  /** Of one CPU. */
  readonly busyPercent: number | undefined;
  readonly slowest: ListedHandler | undefined;
}

/** Rows of what a node tells now, compared with what it told `elapsedMs` before; busiest first. */
export function rowsOf(
  now: readonly ListedProcess[],
  before: readonly ListedProcess[],
  elapsedMs: number,
): readonly ProcessRow[] {
  const earlier = new Map(before.map((process) => [process.id, process]));
  const rows = now.map((process): ProcessRow => {
    const { id, events, queued = events.length, handled, busy_ms: busyMs, slowest } = process;
    const then = earlier.get(id);
    // A count that went back is that of another watch, or of a successor.
    const since = (value: number, past = 0): number => (value >= past ? value - past : value);
    return {
      id,
      queued,
      handledPerSecond:
        handled === undefined ? undefined : (since(handled, then?.handled) * 1_000) / elapsedMs,
      busyPercent:
        busyMs === undefined ? undefined : (since(busyMs, then?.busy_ms) * 100) / elapsedMs,
      slowest: slowest?.[0],
    };
  });
  const busy = (row: ProcessRow): number => row.busyPercent ?? 0;
  return rows.sort((a, b) => busy(b) - busy(a) || b.queued - a.queued || (a.id < b.id ? -1 : 1));
}

const HEADS = ['ID', 'QUEUED', 'HANDLED/S', 'BUSY%', 'SLOWEST HANDLER'] as const;

/** One line each, as wide as needed, cut to the terminal. */
export function tableOf(rows: readonly ProcessRow[], columns = Infinity): readonly string[] {
  const cells = [
    HEADS,
    ...rows.map(({ id, queued, handledPerSecond, busyPercent, slowest }) => [
      id,
      String(queued),
      handledPerSecond === undefined
        ? '-'
        : handledPerSecond.toFixed(handledPerSecond < 10 ? 1 : 0),
      busyPercent === undefined ? '-' : busyPercent.toFixed(1),
      slowest
        ? `${slowest.name} ${millis(slowest.total_ms / slowest.count)} (max ${millis(slowest.max_ms)})`
        : '-',
    ]),
  ].map((row) => row.map(printable));
  const widths = HEADS.map((_head, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells.map((row) =>
    row
      .map((cell, column) =>
        isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd()
      .slice(0, columns),
  );
}

const isNumber = (column: number): boolean => column > 0 && column < 4;
const millis = (ms: number): string => `${ms.toFixed(ms < 1 ? 3 : 1)} ms`;
