import { describe, expect, test } from '@jest/globals';
import { parseTree } from '../source-tree.ts';
import { importDirections } from './import-directions.ts';

const check = (path: string, text: string): string[] =>
  importDirections(parseTree({ [path]: text }));

describe('import directions', () => {
  test.each([
    ['libprocess/a.ts', `import { b } from '../common/b.ts';`, 'libprocess → common'],
    ['common/a.ts', `import type { B } from '../master/b.ts';`, 'common → master'],
    ['master/offers/a.ts', `import type { B } from '../../agent/b.ts';`, 'master → agent'],
    ['agent/a.ts', `export { b } from '../executor/b.ts';`, 'agent → executor'],
    ['agent/a.ts', `void import('../scheduler-driver/b.ts');`, 'agent → scheduler-driver'],
    ['master/a.ts', `import { b } from '../cli/b.ts';`, 'master → cli'],
    ['master/a.ts', `import { b } from '../tests/b.ts';`, 'master → tests'],
    ['executor/a.test.ts', `import { b } from '../agent/b.ts';`, 'executor → agent'],
  ])('%s may not contain %s', (path, text, edge) => {
    expect(check(path, text)).toEqual([`${path}:1: ${edge} is not an allowed import`]);
  });

  test.each([
    ['common/a.ts', `import { b } from '../proto/index.ts';`],
    ['master/a.ts', `import { b } from './agents/b.ts';`],
    ['cli/a.ts', `import { b } from '../master/b.ts';\nimport { c } from '../agent/c.ts';`],
    ['libprocess/a.ts', `import { createHash } from 'node:crypto';`],
    ['master/a.test.ts', `import { b } from '../tests/conformance/b.ts';`],
  ])('%s may contain %s', (path, text) => {
    expect(check(path, text)).toEqual([]);
  });

  test('the wire knows types of libprocess and loads nothing of it', () => {
    expect(check('proto/a.ts', `import { b } from '../libprocess/b.ts';`)).toEqual([
      'proto/a.ts:1: proto → libprocess may import types only',
    ]);
    expect(check('proto/a.ts', `import type { B } from '../libprocess/b.ts';`)).toEqual([]);
    expect(check('proto/a.ts', `import { E } from '../libprocess/errors.ts';`)).toEqual([]);
  });

  test('a folder that is not drawn is an offence, whatever it imports', () => {
    expect(check('utils/a.ts', '')).toEqual([
      `utils/a.ts:1: folder 'utils' is not drawn in the house style`,
    ]);
  });
});
