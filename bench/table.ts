import type { Result } from './result.ts';

/** Figures of ours, and those of peers beside them, for a terminal. */
export function table(results: readonly Result[]): string {
  const rows = results.map((result) => [
    result.name,
    paramsOf(result),
    result.metric,
    result.value.toLocaleString('en-US'),
    result.unit,
    result.peer ?? '',
    ratioTo(result, results),
  ]);
  const header = ['name', 'params', 'metric', 'value', 'unit', 'peer', 'ours/theirs'];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        NUMBERS.has(header[column] ?? '')
          ? cell.padStart(widths[column] ?? 0)
          : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [header, ...rows].map(line).join('\n');
}

const NUMBERS = new Set(['value', 'ours/theirs']);

const paramsOf = ({ params }: Result): string =>
  Object.entries(params)
    .map(([key, param]) => `${key}=${param}`)
    .join(' ');

/** For a figure of a peer: how much of it ours is. */
function ratioTo(peer: Result, results: readonly Result[]): string {
  if (peer.peer === undefined) return '';
  const ours = results.find(
    (each) =>
      each.peer === undefined &&
      each.name === peer.name &&
      each.metric === peer.metric &&
      paramsOf(each) === paramsOf(peer),
  );
  return ours === undefined ? '' : (ours.value / peer.value).toFixed(2);
}
