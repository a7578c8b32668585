import { describe, expect, test } from '@jest/globals';
import { readSourceTree, readText, textFiles } from './read-source-tree.ts';
import { adaptersAreComposed, facesAreForUsers } from './rules/adapters.ts';
import { noAmbientWorld } from './rules/banned-globals.ts';
import { noInputOutput } from './rules/banned-modules.ts';
import { noCycles } from './rules/cycles.ts';
import { errorsHaveCodes } from './rules/errors.ts';
import { deadLinks } from './rules/dead-links.ts';
import { forbiddenText } from './rules/forbidden-text.ts';
import {
  commentsAreSentences,
  everyTestRuns,
  exportsAreNamed,
  fileNamesAreKebabCase,
} from './rules/hygiene.ts';
import { importDirections } from './rules/import-directions.ts';
import { packagesHaveHomes } from './rules/package-homes.ts';
import { filesAreShort, foldersAreSmall, functionsAreShort } from './rules/sizes.ts';
import { actorsAreSynchronous } from './rules/synchronous-actors.ts';
import type { Rule } from './source-tree.ts';

const tree = readSourceTree();

const RULES: readonly (readonly [sentence: string, rule: Rule])[] = [
  ['folders import only what the house style draws', importDirections],
  ['no file loads itself through others', noCycles],
  ['adapters are imported by composition roots', adaptersAreComposed],
  ['components import files and not public faces', facesAreForUsers],
  ['every package has one home', packagesHaveHomes],
  ['modules that reach the world are imported by adapters', noInputOutput],
  ['time, randomness and surroundings are taken from the runtime', noAmbientWorld],
  ['no actor is async or awaits', actorsAreSynchronous],
  ['errors have a class and a code', errorsHaveCodes],
  ['files are short', filesAreShort],
  ['functions are short', functionsAreShort],
  ['folders are small', foldersAreSmall],
  ['file names are kebab-case', fileNamesAreKebabCase],
  ['exports are named', exportsAreNamed],
  ['every test runs', everyTestRuns],
  ['comments are sentences', commentsAreSentences],
];

describe('in the whole tree', () => {
  test.each(RULES)('%s', (_sentence, rule) => {
    expect(rule(tree)).toEqual([]);
  });

  test('nothing names the machine it was written on', () => {
    expect(textFiles().flatMap((path) => forbiddenText(path, readText(path)))).toEqual([]);
  });

  test('links of the documents lead somewhere', () => {
    const paths = new Set(textFiles());
    const documents = [...paths].filter((path) => path.endsWith('.md'));
    expect(documents.flatMap((path) => deadLinks(path, readText(path), paths))).toEqual([]);
  });

  test('the sources were found', () => {
    expect(tree.has('libprocess/future.ts')).toBe(true);
  });
});
