import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { plant, type PlantedBug } from './planted-bug.ts';

/** Below the root of the repository, so that its packages are found from there. */
const COPIES = '.cache/planted-bugs';
const UNUSED = /\.(d\.ts|map)$/;

/** A copy of the built product, with one bug in it, or with none. Removes what was there before. */
export function makeMutant(root: string, name: string, bug: PlantedBug | undefined): string {
  const copy = join(root, COPIES, name);
  rmSync(copy, { recursive: true, force: true });
  const compiled = bug && compile(root, plant(bug, readFileSync(join(root, bug.file), 'utf8')));
  linkTree(join(root, 'dist'), copy);
  if (bug && compiled !== undefined) {
    const path = join(copy, bug.file.replace(/\.ts$/, '.js'));
    rmSync(path); // Else the link would let the bug into the product itself.
    writeFileSync(path, compiled);
  }
  return copy;
}

export function removeMutant(root: string, name: string): void {
  rmSync(join(root, COPIES, name), { recursive: true, force: true });
}

function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (!UNUSED.test(entry.name)) linkSync(source, target);
  }
}

/** As the build does, one file by itself. */
function compile(root: string, source: string): string {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) =>
    readFileSync(path, 'utf8'),
  ) as { config: { compilerOptions: unknown } };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const compilerOptions = { ...options, module: ts.ModuleKind.ES2022, noEmit: false };
  return ts.transpileModule(source, { compilerOptions }).outputText;
}
