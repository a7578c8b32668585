import vm from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { readSourceTree } from '../architecture/read-source-tree.ts';
import { isTest, lineOf, walk } from '../architecture/source-tree.ts';

const LENGTH = 100_000;
/** A hundred times as long as one that reads its text once takes on a busy machine. */
const TIMEOUT_MS = 1_000;

/** What attackers repeat. */
const COMMON = '0aA \t\n\r.-_/"\\%=é'.split('');

interface Found {
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

/** Of the code that runs: what tests and tools match is not what peers send. */
function regexes(): readonly Found[] {
  const found: Found[] = [];
  for (const { path, ast } of readSourceTree().values()) {
    if (isTest(path) || /^(tests|bench|simulation|scripts)\//.test(path)) continue;
    walk(ast, (node) => {
      if (!ts.isRegularExpressionLiteral(node)) return;
      const [, source = '', flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(node.text) ?? [];
      found.push({ place: `${path}:${lineOf(ast, node)}`, source, flags });
    });
  }
  return found;
}

/** Long runs of what the expression speaks of, that nearly match. */
function* attacks(source: string): Generator<string> {
  const spoken = source.replace(/\\[A-Za-z]|[[\]()?*+{}|^$\\]/g, '');
  const letters = [...new Set(spoken.split(''))];
  const runs = [...new Set([...letters, ...COMMON])];
  const few = letters.slice(0, 4);
  for (const first of few) for (const second of [...few, '0', ' ']) runs.push(first + second);
  for (const run of runs) {
    const long = `${run.repeat(LENGTH / run.length)}\u0000`;
    yield long;
    yield `\u0000${long}`;
    if (spoken !== '') yield `${spoken.slice(0, 8)}${long}`;
  }
}

const world = vm.createContext({ source: '', flags: '', text: '' });
const match = new vm.Script('new RegExp(source, flags).test(text)');

describe('an expression is done with any text of 100 kB in no time [X22]', () => {
  const all = regexes();

  test('and none is left out', () => {
    expect(all.length).toBeGreaterThan(50);
  });

  test.each(all)('$place /$source/$flags', ({ source, flags }) => {
    Object.assign(world, { source, flags: flags.replace(/[gy]/g, '') });
    for (const text of attacks(source)) {
      world['text'] = text;
      // Ends an expression that takes the square of its text, by an error that says so.
      match.runInContext(world, { timeout: TIMEOUT_MS });
    }
  });
});
