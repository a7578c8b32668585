import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

/** How many invariants of each kind there are. */
const COUNTS = { P: 16, A: 15, O: 8, T: 11, U: 9, R: 13, M: 15, G: 5, D: 1, Z: 6 };

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/simulation.md', root), 'utf8');
const rows = [...page.matchAll(/^\| ([PAOTURMGDZ]\d+) \| (.*) \|$/gm)].map(
  ([, id = '', where = '']) => ({ id, where }),
);

describe('the table of invariants', () => {
  test('has each of them once, in order', () => {
    const all = Object.entries(COUNTS).flatMap(([kind, count]) =>
      Array.from({ length: count }, (_, index) => `${kind}${String(index + 1)}`),
    );
    expect(rows.map(({ id }) => id)).toEqual(all);
  });

  test.each(rows)('$id is checked where it says, or says what there is not', ({ id, where }) => {
    const files = [...where.matchAll(/`([^`]+\.ts)`/g)].map(([, file = '']) => file);
    const named = files.map((file) => file.replace(/^checks\//, 'simulation/checks/'));
    expect(named.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
    if (named.length === 0) expect(`${id}: ${where}`).toMatch(/not yet|npm run|: not yet/);
    for (const file of named.filter((each) => each.startsWith('simulation/checks/')))
      expect(readFileSync(new URL(file, root), 'utf8').length).toBeGreaterThan(0);
  });
});
