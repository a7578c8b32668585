export interface Column<T> {
  readonly title: string;
  readonly of: (row: T) => string;
  readonly align?: 'right';
}

/** A table for people: columns as wide as they need to be, titles only if there are rows. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => cellsOf(row, columns))];
  const widths = columns.map((_, index) =>
    Math.max(...cells.map((line) => line[index]?.length ?? 0)),
  );
  const lines = cells.map((line) =>
    line
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return columns[index]?.align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** What tasks and frameworks say of themselves may not move the reader's cursor. */
const cellsOf = <T>(row: T, columns: readonly Column<T>[]): string[] =>
  columns.map((column) => column.of(row).replace(/[\u0000-\u001f\u007f-\u009f]/g, '?'));
