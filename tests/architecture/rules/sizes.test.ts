import { describe, expect, test } from '@jest/globals';
import { parseTree } from '../source-tree.ts';
import {
  FILE_LINES_MAX,
  FOLDER_SOURCES_MAX,
  FUNCTION_LINES_MAX,
  filesAreShort,
  foldersAreSmall,
  functionsAreShort,
} from './sizes.ts';

const functionOf = (lines: number, body: string): string =>
  `export function long() {\n${`${body}\n`.repeat(lines - 2)}}\n`;

describe('sizes', () => {
  test('a file of the longest length passes, one more line does not', () => {
    const line = 'export {};\n';
    expect(filesAreShort(parseTree({ 'common/a.ts': line.repeat(FILE_LINES_MAX) }))).toEqual([]);
    expect(filesAreShort(parseTree({ 'common/a.ts': line.repeat(FILE_LINES_MAX + 1) }))).toEqual([
      'common/a.ts:1: 401 lines (at most 400)',
    ]);
  });

  test('a function of the longest length passes, one more line does not', () => {
    const check = (lines: number): string[] =>
      functionsAreShort(parseTree({ 'common/a.ts': functionOf(lines, '  run();') }));
    expect(check(FUNCTION_LINES_MAX)).toEqual([]);
    expect(check(FUNCTION_LINES_MAX + 1)).toEqual(['common/a.ts:1: function of 61 lines']);
  });

  test('blank lines and comments do not count, text that looks like a comment does', () => {
    const check = (body: string): string[] =>
      functionsAreShort(parseTree({ 'common/a.ts': functionOf(100, body) }));
    expect(check('  // why')).toEqual([]);
    expect(check('')).toEqual([]);
    expect(check(`  '// text';`)).toHaveLength(1);
  });

  test('a test is a list of cases: its functions may be long, its file may not', () => {
    const tree = parseTree({ 'common/a.test.ts': functionOf(FILE_LINES_MAX + 1, '  run();') });
    expect(functionsAreShort(tree)).toEqual([]);
    expect(filesAreShort(tree)).toHaveLength(1);
  });

  test('a folder has room for so many sources, and as many tests', () => {
    const folder = (sources: number): Record<string, string> => {
      const files: Record<string, string> = { 'master/index.ts': '' };
      for (let index = 0; index < sources; index += 1) {
        files[`master/a${index}.ts`] = '';
        files[`master/a${index}.test.ts`] = '';
      }
      return files;
    };
    expect(foldersAreSmall(parseTree(folder(FOLDER_SOURCES_MAX)))).toEqual([]);
    expect(foldersAreSmall(parseTree(folder(FOLDER_SOURCES_MAX + 1)))).toEqual([
      'master: 21 sources (at most 20)',
    ]);
  });
});
