import ts from 'typescript';
import {
  adapterOf,
  isCompositionRoot,
  isTest,
  lineOf,
  walk,
  type Rule,
  type SourceFile,
} from '../source-tree.ts';

const TIMERS = ['setTimeout', 'setInterval'];
const TURNS = ['setImmediate', 'queueMicrotask'];
const GLOBALS = new Set([...TIMERS, ...TURNS, 'performance', 'fetch', 'WebSocket']);
const MEMBERS: ReadonlyMap<string, RegExp> = new Map([
  ['Date', /^now$/],
  ['Math', /^random$/],
  ['crypto', /^(random|getRandom)/],
  ['process', /^(nextTick|hrtime|env|argv|exit|kill|cwd|stdin|stdout|stderr|memoryUsage|uptime)$/],
]);

/** A unit test may end a turn, and read a recording: what it may not do is wait or be random. */
const BANNED_IN_TESTS = new Set([...TIMERS, 'Date.now', 'new Date()', 'Math.random', 'fetch']);

/** Time, randomness and the surroundings come from `Runtime`, so that a seed decides all of them. */
export const noAmbientWorld: Rule = (tree) =>
  [...tree.values()].flatMap((file) => {
    if (isCompositionRoot(file.path) || adapterOf(file.path) !== undefined) return [];
    return usesOf(file)
      .filter(({ name }) => !isTest(file.path) || BANNED_IN_TESTS.has(name))
      .map(({ name, line }) => `${file.path}:${line}: '${name}' is for adapters`);
  });

interface Use {
  readonly name: string;
  readonly line: number;
}

function usesOf({ ast }: SourceFile): Use[] {
  const declared = declaredNames(ast);
  const uses: Use[] = [];
  walk(ast, (node) => {
    const name = ambientName(node);
    if (name === undefined || declared.has(name.replace(/^new |[.(].*$/g, ''))) return;
    uses.push({ name, line: lineOf(ast, node) });
  });
  return uses;
}

function ambientName(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    const [owner, member] = [node.expression.text, node.name.text];
    if (owner === 'globalThis' && GLOBALS.has(member)) return `globalThis.${member}`;
    return MEMBERS.get(owner)?.test(member) ? `${owner}.${member}` : undefined;
  }
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) {
    const isNow = node.expression.text === 'Date' && !node.arguments?.length;
    return isNow ? 'new Date()' : undefined;
  }
  return ts.isIdentifier(node) && GLOBALS.has(node.text) && isReference(node)
    ? node.text
    : undefined;
}

/** Not the name of a member, a type or a declaration. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  return ts.isExpression(parent) || ts.isStatement(parent) || ts.isVariableDeclaration(parent);
}

/** Names that the file itself gives a meaning: a parameter `process` is an actor, not Node's. */
function declaredNames(ast: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  walk(ast, (node) => {
    const declares =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isImportSpecifier(node) ||
      ts.isImportClause(node);
    if (declares && node.name && ts.isIdentifier(node.name)) names.add(node.name.text);
  });
  return names;
}
