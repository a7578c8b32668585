import { posix } from 'node:path';
import ts from 'typescript';
import { commentsOf } from '../comments.ts';
import {
  isGenerated,
  isTest,
  lineOf,
  topFolder,
  walk,
  type Rule,
  type SourceFile,
} from '../source-tree.ts';

export const FILE_LINES_MAX = 400;
export const FUNCTION_LINES_MAX = 60;
export const FOLDER_SOURCES_MAX = 20;

/** Folders that are larger on purpose. */
const LARGE_FOLDERS: Readonly<Record<string, number>> = {
  // Vocabularies: users and readers look for their words in one place.
  libprocess: 32,
  common: 32,
};
const sourcesMax = (folder: string): number => LARGE_FOLDERS[folder] ?? FOLDER_SOURCES_MAX;

export const filesAreShort: Rule = (tree) =>
  [...tree.values()].flatMap(({ path, text }) => {
    const lines = text.replace(/\n$/, '').split('\n').length;
    return lines > FILE_LINES_MAX && !isGenerated(path)
      ? [`${path}:1: ${lines} lines (at most ${FILE_LINES_MAX})`]
      : [];
  });

/** Lines with code on them. In tests a function is a list of cases, and may be long. */
export const functionsAreShort: Rule = (tree) =>
  [...tree.values()].flatMap((file) => {
    if (isGenerated(file.path) || isTest(file.path) || topFolder(file.path) === 'tests') return [];
    const code = linesOfCode(file);
    const offences: string[] = [];
    walk(file.ast, (node) => {
      if (!ts.isFunctionLike(node)) return;
      const first = lineOf(file.ast, node);
      const last = file.ast.getLineAndCharacterOfPosition(node.end).line + 1;
      const lines = code.filter((line) => line >= first && line <= last).length;
      if (lines <= FUNCTION_LINES_MAX) return;
      offences.push(`${file.path}:${first}: function of ${lines} lines`);
    });
    return offences;
  });

/** Numbers of the lines that are neither blank nor all comment. */
function linesOfCode({ ast, text }: SourceFile): number[] {
  let code = text;
  for (const { pos, end } of commentsOf(ast)) {
    code = code.slice(0, pos) + code.slice(pos, end).replace(/[^\n]/g, ' ') + code.slice(end);
  }
  return code.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [index + 1]));
}

/** A folder is a capability that fits in the head; its tests and its face are not counted. */
export const foldersAreSmall: Rule = (tree) => {
  const counts = new Map<string, number>();
  for (const path of tree.keys()) {
    if (isTest(path) || isGenerated(path) || path.endsWith('/index.ts')) continue;
    const folder = posix.dirname(path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([folder, count]) => count > sourcesMax(folder))
    .map(([folder, count]) => `${folder}: ${count} sources (at most ${sourcesMax(folder)})`);
};
