import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { CACHE, ROOT } from './paths.js';

/** All files below `path` (or `path` itself), relative to the root, sorted; none if it is absent. */
export function filesBelow(path) {
  const absolute = join(ROOT, path);
  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (!stats) return [];
  if (!stats.isDirectory()) return [path];
  return readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

/** One digest of the names and contents of `files`. */
export function digest(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(ROOT, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Remembers what a step was last completed for. Cleared while it runs: a killed step runs again. */
export class Stamp {
  #path;

  constructor(name) {
    this.#path = join(CACHE, 'bootstrap', `${name}.stamp`);
  }

  matches(value) {
    try {
      return readFileSync(this.#path, 'utf8') === value;
    } catch {
      return false;
    }
  }

  clear() {
    rmSync(this.#path, { force: true });
  }

  write(value) {
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(this.#path, value);
  }
}
