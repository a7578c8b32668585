import ts from 'typescript';
import { commentsOf } from '../comments.ts';
import { isGenerated, isTest, lineOf, walk, type Rule, type SourceFile } from '../source-tree.ts';

const KEBAB_CASE = /^([a-z0-9]+(-[a-z0-9]+)*)(\.[a-z0-9]+)*\.ts$/;

export const fileNamesAreKebabCase: Rule = (tree) =>
  [...tree.keys()]
    .filter((path) => !isGenerated(path) && !KEBAB_CASE.test(path.split('/').at(-1) ?? ''))
    .map((path) => `${path}:1: file name is not kebab-case`);

/** A name is given once, where the thing is declared, and found by searching for it. */
export const exportsAreNamed: Rule = (tree) =>
  offences(tree, (node) => {
    if (ts.isExportAssignment(node)) return 'default export';
    if (ts.isExportSpecifier(node) && node.name.text === 'default') return 'default export';
    const isDefault =
      ts.canHaveModifiers(node) &&
      ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
    return isDefault ? 'default export' : undefined;
  });

const TEST_WORDS = new Set(['test', 'it', 'describe']);
const MARKS = new Set(['skip', 'only', 'todo', 'failing']);

export const everyTestRuns: Rule = (tree) =>
  offences(tree, (node) =>
    ts.isPropertyAccessExpression(node) &&
    ts.isIdentifier(node.expression) &&
    TEST_WORDS.has(node.expression.text) &&
    MARKS.has(node.name.text)
      ? `${node.expression.text}.${node.name.text}`
      : undefined,
  );

/** A promise to work later belongs in an issue; code that is not run belongs in the history. */
export const commentsAreSentences: Rule = (tree) =>
  [...tree.values()].flatMap((file) =>
    isGenerated(file.path) ? [] : commentOffences(file).concat(typeEscapes(file)),
  );

const PROMISE = /\b(TODO|FIXME|XXX|HACK)\b/;
// A sentence seldom begins as a statement and ends as one.
const STATEMENT =
  /^(const|let|return|if \(|for \(|await|import|export|this\.|throw|[\w.]+ = |[\w.]+\().*[;{]$/;

function commentOffences({ path, ast }: SourceFile): string[] {
  return commentsOf(ast).flatMap(({ pos, text }) => {
    const line = ast.getLineAndCharacterOfPosition(pos).line + 1;
    const promise = PROMISE.exec(text)?.[1];
    if (promise !== undefined) return [`${path}:${line}: '${promise}' in a comment`];
    const code = text.startsWith('//') && STATEMENT.test(text.replace(/^\/+\s*/, '').trim());
    return code ? [`${path}:${line}: code in a comment`] : [];
  });
}

function typeEscapes({ path, ast }: SourceFile): string[] {
  return commentsOf(ast)
    .filter(({ text }) => /@ts-(ignore|nocheck)/.test(text) && !isTest(path))
    .map(({ pos }) => {
      const line = ast.getLineAndCharacterOfPosition(pos).line + 1;
      return `${path}:${line}: the compiler is silenced`;
    });
}

function offences(
  tree: Parameters<Rule>[0],
  judge: (node: ts.Node) => string | undefined,
): string[] {
  return [...tree.values()].flatMap(({ path, ast }) => {
    const found: string[] = [];
    walk(ast, (node) => {
      const offence = judge(node);
      if (offence !== undefined) found.push(`${path}:${lineOf(ast, node)}: ${offence}`);
    });
    return found;
  });
}
