import { expect, test } from '@jest/globals';
import { parseTree } from '../source-tree.ts';
import { noCycles } from './cycles.ts';

test('a cycle over three files is found once, with its way', () => {
  const tree = parseTree({
    'common/entry.ts': `import { a } from './a.ts';`,
    'common/a.ts': `import { b } from './b.ts';`,
    'common/b.ts': `export * from './c.ts';`,
    'common/c.ts': `import { a } from './a.ts';`,
  });
  expect(noCycles(tree)).toEqual([
    'common/a.ts:1: cycle common/a.ts → common/b.ts → common/c.ts → common/a.ts',
  ]);
});

test('a file that imports itself is a cycle', () => {
  const tree = parseTree({ 'common/a.ts': `import { a } from './a.ts';` });
  expect(noCycles(tree)).toEqual(['common/a.ts:1: cycle common/a.ts → common/a.ts']);
});

test('two ways to one file are no cycle, and types load nothing', () => {
  const tree = parseTree({
    'common/a.ts': `import { b } from './b.ts';\nimport { c } from './c.ts';`,
    'common/b.ts': `import { c } from './c.ts';\nimport type { A } from './a.ts';`,
    'common/c.ts': `import type { A } from './a.ts';`,
  });
  expect(noCycles(tree)).toEqual([]);
});

test('an import of nothing but marked types still loads the file', () => {
  const tree = parseTree({ 'common/a.ts': `import { type A } from './a.ts';` });
  expect(noCycles(tree)).toHaveLength(1);
});
