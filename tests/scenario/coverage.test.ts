import { describe, expect, test } from '@jest/globals';
import { readText, textFiles } from '../architecture/read-source-tree.ts';
import { CORE_ROWS, type CoreRow } from './core-rows.ts';
import { IMPORTANT_ROWS } from './important-rows.ts';
import { NICHE_ROWS } from './niche-rows.ts';

/** Ids stand in brackets in the titles of tests, alone or among others. */
const BRACKETS = /\[([^\]'"`\n]*)\]/g;
const ID = /\b[0-9a-f]{7}\b/g;

/** The files whose tests carry an id, by id. */
function carriers(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const path of textFiles().filter((each) => each.endsWith('.ts'))) {
    if (!isSuite(path)) continue;
    for (const id of idsIn(readText(path))) found.set(id, [...(found.get(id) ?? []), path]);
  }
  return found;
}

/** Suites that several implementations share are no `.test.ts` themselves. */
const isSuite = (path: string): boolean =>
  path.endsWith('.test.ts') || path.startsWith('tests/conformance/');

function idsIn(text: string): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const [, inside = ''] of text.matchAll(BRACKETS)) {
    for (const [id] of inside.matchAll(ID)) ids.add(id);
  }
  return ids;
}

const LISTS = [
  ...Object.entries(CORE_ROWS).map(([file, rows]) => ({ kind: 'core', file, rows })),
  ...Object.entries(IMPORTANT_ROWS).map(([file, rows]) => ({ kind: 'important', file, rows })),
  ...Object.entries(NICHE_ROWS).map(([file, rows]) => ({ kind: 'niche', file, rows })),
];

const found = carriers();

describe.each(LISTS)('the $kind rows of $file', ({ rows }) => {
  const told = ({ id, name }: CoreRow): string => `${id} ${name}`;

  test('are carried by a test, or wait for what is not there yet', () => {
    const missing = rows.filter((row) => row.waitsFor === undefined && !found.has(row.id));
    expect(missing.map(told)).toEqual([]);
  });

  test('do not wait for what a test proves', () => {
    const proven = rows.filter((row) => row.waitsFor !== undefined && found.has(row.id));
    expect(proven.map(told)).toEqual([]);
  });
});

/** Of what needs lost messages, partitions or restarts. */
const NEED_FAULTS = [
  'fault_tolerance_tests',
  'partition_tests',
  'slave_recovery_tests',
  'reconciliation_tests',
  'master_slave_reconciliation_tests',
];
/** What a suite of the simulated world imports: the world itself, or what stands on it. */
const SIMULATED =
  /from '[^']*\/(testing\/cluster|sim\/(simulation|index)|support\/(stories|agent-bed|endpoint-bed|master-cluster))\.ts'/;

test.each(NEED_FAULTS)('the core rows of %s run in the simulated world', (file) => {
  const rows = (CORE_ROWS[file] ?? []).filter(({ waitsFor }) => waitsFor === undefined);
  const elsewhere = rows.filter(
    ({ id }) => !(found.get(id) ?? []).some((path) => SIMULATED.test(readText(path))),
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(elsewhere.map(({ id, name }) => `${id} ${name}`)).toEqual([]);
});

test('no row stands there twice', () => {
  const ids = LISTS.flatMap(({ rows }) => rows.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});
