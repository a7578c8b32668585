export type PageRow = readonly [name: string, preset: string, meaning: string];

/** A table of the page of flags, in Markdown, and an empty line. */
export const pageTable = (of: 'flag' | 'variable', rows: readonly PageRow[]): string =>
  [`| ${of} | default | |`, '|---|---|---|', ...rows.map(line), ''].join('\n');

/** A bar ends a cell, also within code. */
const line = (cells: PageRow): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
