import type { Host } from '../host.ts';
import { table, type Column } from './table.ts';

export interface Listing<T> {
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  /** What to say, on standard error, if there is nothing. */
  readonly none: string;
}

/** Prints a list: as JSON for programs, one document, or as a table for people. */
export function printList<T>(host: Host, json: boolean, { rows, columns, none }: Listing<T>): void {
  if (json) host.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
  else if (rows.length === 0) host.stderr.write(`${none}\n`);
  else host.stdout.write(table(rows, columns));
}

const MB_PER_GB = 1_024;

/** `1.5 / 4` of what there is. */
export const share = (used: number, total: number): string => `${number(used)}/${number(total)}`;

export const number = (value: number): string => String(Math.round(value * 100) / 100);

export const megabytes = (value: number): string =>
  value >= 10 * MB_PER_GB ? `${number(value / MB_PER_GB)}G` : `${number(value)}M`;
