import ts from 'typescript';
import { lineOf, walk, type Rule, type SourceTree } from '../source-tree.ts';

/**
 * An actor's state is read only in the turn in which it is valid: no `async` and no `await` in a
 * class that extends `Process`, directly or through others of this tree.
 */
export const actorsAreSynchronous: Rule = (tree) => {
  const bases = baseClasses(tree);
  return [...tree.values()].flatMap(({ path, ast }) => {
    const offences: string[] = [];
    walk(ast, (node) => {
      if (!ts.isClassLike(node) || !isActor(node, bases)) return;
      walk(node, (inner) => {
        const word = waitingWord(inner);
        if (word) offences.push(`${path}:${lineOf(ast, inner)}: '${word}' inside an actor`);
      });
    });
    return offences;
  });
};

function waitingWord(node: ts.Node): string | undefined {
  if (ts.isAwaitExpression(node)) return 'await';
  if (ts.isForOfStatement(node) && node.awaitModifier) return 'for await';
  const isAsync =
    ts.canHaveModifiers(node) &&
    ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);
  return isAsync ? 'async' : undefined;
}

function isActor(node: ts.ClassLikeDeclaration, bases: ReadonlyMap<string, string>): boolean {
  const seen = new Set<string>();
  let name = node.name?.text ?? baseName(node);
  while (name !== undefined && name !== 'Process' && !seen.has(name)) {
    seen.add(name);
    name = name === node.name?.text ? baseName(node) : bases.get(name);
  }
  return name === 'Process';
}

function baseClasses(tree: SourceTree): ReadonlyMap<string, string> {
  const bases = new Map<string, string>();
  for (const { ast } of tree.values()) {
    walk(ast, (node) => {
      if (!ts.isClassLike(node) || !node.name) return;
      const base = baseName(node);
      if (base !== undefined) bases.set(node.name.text, base);
    });
  }
  return bases;
}

function baseName(node: ts.ClassLikeDeclaration): string | undefined {
  const clause = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
  const expression = clause?.types[0]?.expression;
  return expression && ts.isIdentifier(expression) ? expression.text : undefined;
}
