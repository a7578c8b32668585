import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseTree, type SourceTree } from './source-tree.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Never ours to judge: made by tools, or recorded from elsewhere. */
const SKIPPED = /^(.+\/)?(node_modules|dist|coverage|\.git|\.cache)$|^tests\/golden\/[^/]+$/;
const TEXT = /(\.(ts|js|json|md|proto|sh|yml|yaml|html|css)|\/\.?[A-Za-z]+)$/;

/** Paths of all text files of the repository, relative to its root. */
export function textFiles(): string[] {
  const paths: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !SKIPPED.test(path)) folders.push(path);
      // In a work tree of git `.git` is a file.
      if (entry.isFile() && !SKIPPED.test(path) && TEXT.test(`/${path}`)) paths.push(path);
    }
  }
  return paths.sort();
}

export const readText = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** All TypeScript of the repository. */
export function readSourceTree(): SourceTree {
  const sources = textFiles().filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'));
  return parseTree(Object.fromEntries(sources.map((path) => [path, readText(path)])));
}
