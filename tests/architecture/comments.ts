import ts from 'typescript';
import { walk } from './source-tree.ts';

export interface Comment {
  readonly pos: number;
  readonly end: number;
  readonly text: string;
}

const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;

/** All comments of a file, in order. */
export function commentsOf(ast: ts.SourceFile): Comment[] {
  const literals = literalEnds(ast);
  const comments: Comment[] = [];
  const { text } = ast;
  for (let pos = 0; pos < text.length;) {
    const literalEnd = literals.get(pos);
    COMMENT.lastIndex = pos;
    const comment = literalEnd === undefined ? COMMENT.exec(text)?.[0] : undefined;
    if (comment !== undefined) comments.push({ pos, end: pos + comment.length, text: comment });
    pos = literalEnd ?? pos + (comment?.length ?? 1);
  }
  return comments;
}

/** Start → end of everything in which `//` does not begin a comment. */
function literalEnds(ast: ts.SourceFile): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  walk(ast, (node) => {
    const isLiteral =
      ts.isStringLiteralLike(node) ||
      ts.isRegularExpressionLiteral(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node);
    if (isLiteral) ends.set(node.getStart(ast), node.end);
  });
  return ends;
}
