import { describe, expect, test } from '@jest/globals';
import { parseTree } from '../source-tree.ts';
import { noAmbientWorld } from './banned-globals.ts';

const check = (path: string, text: string): string[] => noAmbientWorld(parseTree({ [path]: text }));

describe('the ambient world', () => {
  test.each([
    ['const now = Date.now();', 'Date.now'],
    ['const now = new Date();', 'new Date()'],
    ['const clock = { now: Date.now };', 'Date.now'],
    ['const startedAt = performance.now();', 'performance'],
    ['setTimeout(() => undefined, 1);', 'setTimeout'],
    ['const later = setInterval;', 'setInterval'],
    ['run(setImmediate);', 'setImmediate'],
    ['const turns = { next: queueMicrotask };', 'queueMicrotask'],
    ['globalThis.setTimeout(run, 1);', 'globalThis.setTimeout'],
    ['process.nextTick(run);', 'process.nextTick'],
    [`const home = process.env['HOME'];`, 'process.env'],
    ['const dice = Math.random();', 'Math.random'],
    ['const id = crypto.randomUUID();', 'crypto.randomUUID'],
    [`const page = fetch('http://a');`, 'fetch'],
  ])('%s is for adapters', (text, name) => {
    expect(check('master/a.ts', `\n${text}`)).toEqual([`master/a.ts:2: '${name}' is for adapters`]);
    for (const path of ['libprocess/node/a.ts', 'libprocess/sim/a.ts', 'cli/a.ts', 'bench/a.ts']) {
      expect(check(path, text)).toEqual([]);
    }
  });

  test.each([
    'const date = new Date(atMs);',
    'class Clock { setTimeout(): void {} }',
    'runtime.clock.setTimeout(1);',
    'const options = { fetch: true };',
    'function route(process: Process): void { process.exit(); }',
    'interface Clock { performance: number }',
    'const half = Math.floor(1.5);',
    'const name = constructor.name;',
  ])('%s is our own', (text) => {
    expect(check('libprocess/a.ts', text)).toEqual([]);
  });

  test('a unit test may end a turn but not wait, look at the clock or be random', () => {
    expect(check('master/a.test.ts', 'setImmediate(resolve);')).toEqual([]);
    expect(check('master/a.test.ts', 'setTimeout(resolve, 5);')).toHaveLength(1);
    expect(check('master/a.test.ts', 'const seed = Math.random() + Date.now();')).toHaveLength(2);
  });
});
