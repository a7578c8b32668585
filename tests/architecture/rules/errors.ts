import ts from 'typescript';
import { isCompositionRoot, isTest, lineOf, walk, type Rule } from '../source-tree.ts';

const BARE = new Set(['Error', 'TypeError', 'RangeError', 'SyntaxError']);

/** Who catches an error decides by its class and `code`: a bare one tells nothing. */
export const errorsHaveCodes: Rule = (tree) =>
  [...tree.values()].flatMap(({ path, ast }) => {
    if (isCompositionRoot(path) || isTest(path)) return [];
    const offences: string[] = [];
    walk(ast, (node) => {
      const name =
        ts.isNewExpression(node) && ts.isIdentifier(node.expression) ? node.expression.text : '';
      if (BARE.has(name)) offences.push(`${path}:${lineOf(ast, node)}: bare '${name}'`);
    });
    return offences;
  });
