import { expect, test } from '@jest/globals';
import { rowsOf, tableOf } from './process-table.ts';

const measured = (id: string, handled: number, busyMs: number) => ({
  id,
  events: [],
  queued: 1,
  handled,
  busy_ms: busyMs,
  slowest: [{ name: 'work', count: 2, total_ms: 3, max_ms: 2 }],
});

test('rows tell what happened between two looks, the busiest first', () => {
  const rows = rowsOf(
    [measured('idle', 5, 1), measured('busy', 300, 251), { id: 'old', events: [{}, {}] }],
    [measured('busy', 100, 1), measured('idle', 10, 2)],
    500,
  );
  expect(rows).toMatchObject([
    { id: 'busy', queued: 1, handledPerSecond: 400, busyPercent: 50 },
    { id: 'idle', queued: 1, handledPerSecond: 10, busyPercent: 0.2 },
    { id: 'old', queued: 2, handledPerSecond: undefined, busyPercent: undefined },
  ]);
  expect(tableOf(rows)).toEqual([
    'ID    QUEUED  HANDLED/S  BUSY%  SLOWEST HANDLER',
    'busy       1        400   50.0  work 1.5 ms (max 2.0 ms)',
    'idle       1         10    0.2  work 1.5 ms (max 2.0 ms)',
    'old        2          -      -  -',
  ]);
  expect(tableOf(rows, 10)[0]).toBe('ID    QUEU');
});

test('a name from the node moves no cursor', () => {
  expect(tableOf(rowsOf([{ id: 'x\x1b[2J\n', events: [] }], [], 1))[1]).toMatch(/^x\?\[2J\? /);
});
