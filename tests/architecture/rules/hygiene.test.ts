import { describe, expect, test } from '@jest/globals';
import { parseTree, type Rule } from '../source-tree.ts';
import {
  commentsAreSentences,
  everyTestRuns,
  exportsAreNamed,
  fileNamesAreKebabCase,
} from './hygiene.ts';

const check = (rule: Rule, text: string): string[] => rule(parseTree({ 'common/a.ts': text }));

describe('file names', () => {
  test.each(['common/taskState.ts', 'common/Task.ts', 'common/task_state.ts'])(
    '%s is not kebab-case',
    (path) => {
      expect(fileNamesAreKebabCase(parseTree({ [path]: '' }))).toEqual([
        `${path}:1: file name is not kebab-case`,
      ]);
    },
  );

  test('words with dashes are, also before .test.ts', () => {
    const tree = parseTree({ 'common/task-state.ts': '', 'common/task-state.test.ts': '' });
    expect(fileNamesAreKebabCase(tree)).toEqual([]);
  });
});

describe('exports', () => {
  test.each(['export default 1;', 'export default class A {}', 'export { a as default };'])(
    '%s is a default export',
    (text) => {
      expect(check(exportsAreNamed, text)).toEqual(['common/a.ts:1: default export']);
    },
  );

  test('a named one is none', () => {
    expect(check(exportsAreNamed, 'export const a = 1;')).toEqual([]);
  });
});

describe('tests', () => {
  test.each(['test.skip', 'describe.only', 'it.todo', 'test.failing'])(
    '%s does not run',
    (mark) => {
      expect(check(everyTestRuns, `${mark}('a', () => {});`)).toEqual([`common/a.ts:1: ${mark}`]);
    },
  );

  test('a table of tests runs', () => {
    expect(check(everyTestRuns, `test.each([1])('%s', () => {});`)).toEqual([]);
  });
});

describe('comments', () => {
  const promise = ['TO', 'DO'].join('');

  test('a promise to work later is an offence', () => {
    const offence = [`common/a.ts:2: '${promise}' in a comment`];
    expect(check(commentsAreSentences, `\n// ${promise}: finish`)).toEqual(offence);
    expect(check(commentsAreSentences, `\n/** ${promise} */`)).toEqual(offence);
  });

  test.each(['// const a = 1;', '//run(a);', '// if (a) {', '// this.send(a);'])(
    '%s is code that was commented out',
    (text) => {
      expect(check(commentsAreSentences, text)).toEqual(['common/a.ts:1: code in a comment']);
    },
  );

  test.each([
    '// Returns what was read; the rest stays.',
    '// if nobody answers, the peer is gone',
    `const text = '// const a = 1;';`,
    'const text = `${a} // const b = 1;`;',
    `const pattern = /\\/\\/ ${promise}/;`,
  ])('%s is no offence', (text) => {
    expect(check(commentsAreSentences, text)).toEqual([]);
  });

  test('the compiler is not silenced in the product', () => {
    const text = ['// @ts', 'ignore'].join('-');
    expect(check(commentsAreSentences, text)).toEqual(['common/a.ts:1: the compiler is silenced']);
  });
});
