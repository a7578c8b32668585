import type { Rule, SourceTree } from '../source-tree.ts';

/**
 * No file loads itself through others. Type-only imports are erased and load nothing, so they are
 * left out: two files may name each other's types.
 */
export const noCycles: Rule = (tree) => {
  const search = new CycleSearch(tree);
  for (const path of tree.keys()) search.visit(path);
  return search.cycles;
};

/** Depth-first search; an edge back into the current path closes a cycle. */
class CycleSearch {
  readonly cycles: string[] = [];
  readonly #tree: SourceTree;
  readonly #done = new Set<string>();
  readonly #path: string[] = [];

  constructor(tree: SourceTree) {
    this.#tree = tree;
  }

  visit(file: string): void {
    if (this.#done.has(file)) return;
    const start = this.#path.indexOf(file);
    if (start !== -1) {
      this.cycles.push(`${file}:1: cycle ${[...this.#path.slice(start), file].join(' → ')}`);
      return;
    }
    this.#path.push(file);
    for (const { target, typeOnly } of this.#tree.get(file)?.imports ?? []) {
      if (target !== undefined && !typeOnly) this.visit(target);
    }
    this.#path.pop();
    this.#done.add(file);
  }
}
