import { posix } from 'node:path';
import ts from 'typescript';

/** One import or re-export of a file. */
export interface Import {
  readonly specifier: string;
  /** Path in the tree, for a relative specifier; the file may not exist. */
  readonly target: string | undefined;
  /** Erased by the compiler, unlike `import { type A }`, which still loads the file. */
  readonly typeOnly: boolean;
  /** Undefined for `import()`, `export *` and imports of a whole module. */
  readonly names: readonly string[] | undefined;
  readonly line: number;
}

export interface SourceFile {
  /** Relative to the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly ast: ts.SourceFile;
  readonly imports: readonly Import[];
}

export type SourceTree = ReadonlyMap<string, SourceFile>;

/** What a rule found, one line each: `path:line: what is wrong`. */
export type Rule = (tree: SourceTree) => string[];

/** Folders of which everything is composed: they may use adapters, clocks and I/O. */
const COMPOSITION_ROOTS = new Set(['cli', 'examples', 'bench', 'testing', 'simulation', 'tests']);
const ADAPTERS = new Set(['node', 'ws', 'redis', 'sim', 'zookeeper', 'etcd', 'docker']);

export const topFolder = (path: string): string => path.split('/')[0] ?? '';
export const isTest = (path: string): boolean => path.endsWith('.test.ts');
export const isGenerated = (path: string): boolean => path.startsWith('proto/generated/');
export const isCompositionRoot = (path: string): boolean => COMPOSITION_ROOTS.has(topFolder(path));

/** The adapter folder that `path` is in, such as `libprocess/node`. */
export function adapterOf(path: string): string | undefined {
  const folders = path.split('/').slice(0, -1);
  const depth = folders.findIndex((folder) => ADAPTERS.has(folder));
  return depth === -1 ? undefined : folders.slice(0, depth + 1).join('/');
}

export function parseTree(files: Readonly<Record<string, string>>): SourceTree {
  const entries = Object.entries(files);
  return new Map(entries.map(([path, text]) => [path, parseFile(path, text)]));
}

function parseFile(path: string, text: string): SourceFile {
  const ast = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const imports: Import[] = [];
  walk(ast, (node) => {
    const found = importOf(path, ast, node);
    if (found) imports.push(found);
  });
  return { path, text, ast, imports };
}

function importOf(path: string, ast: ts.SourceFile, node: ts.Node): Import | undefined {
  const parts = specifierOf(node);
  if (!parts) return undefined;
  const { specifier, ...rest } = parts;
  const target = specifier.startsWith('.')
    ? posix.normalize(posix.join(posix.dirname(path), specifier))
    : undefined;
  return { specifier, target, ...rest, line: lineOf(ast, node) };
}

type Specifier = Pick<Import, 'specifier' | 'typeOnly' | 'names'>;

function specifierOf(node: ts.Node): Specifier | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, ...importedBy(node.importClause) };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    if (!ts.isStringLiteral(node.moduleSpecifier)) return undefined;
    const clause = node.exportClause;
    const elements = clause && ts.isNamedExports(clause) ? clause.elements : undefined;
    return {
      specifier: node.moduleSpecifier.text,
      typeOnly: node.isTypeOnly,
      names: namesOf(elements),
    };
  }
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword) {
    return undefined;
  }
  const [argument] = node.arguments;
  if (!argument || !ts.isStringLiteral(argument)) return undefined;
  return { specifier: argument.text, typeOnly: false, names: undefined };
}

function importedBy(clause: ts.ImportClause | undefined): Pick<Import, 'typeOnly' | 'names'> {
  const bindings = clause?.namedBindings;
  const elements = bindings && ts.isNamedImports(bindings) ? bindings.elements : undefined;
  const typeOnly = clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
  return { typeOnly, names: clause?.name ? undefined : namesOf(elements) };
}

type Elements = ts.NodeArray<ts.ImportSpecifier | ts.ExportSpecifier> | undefined;

const namesOf = (elements: Elements): string[] | undefined =>
  elements?.filter((each) => !each.isTypeOnly).map((each) => (each.propertyName ?? each.name).text);

/** Visits `node` and everything below it, parents first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** Counted from 1, as editors do. */
export function lineOf(ast: ts.SourceFile, node: ts.Node): number {
  return ast.getLineAndCharacterOfPosition(node.getStart(ast)).line + 1;
}
