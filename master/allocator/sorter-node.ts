import type { Milli } from '../../common/scalars.ts';
import type { SorterClient } from './sorter.ts';

/** The name of the leaf for a client that also has children: `a` itself beside `a/b`. */
export const VIRTUAL_LEAF = '.';

/** A node of the tree that the paths of a sorter's clients make. Leaves are clients. */
export class SorterNode implements SorterClient {
  /** Path of the client; for an inner node, of the subtree. */
  readonly client: string;
  name: string;
  parent: SorterNode | undefined;
  /** Active leaves and inner nodes, in order of their turn once `dirty` is empty. */
  readonly children: SorterNode[] = [];
  readonly inactive = new Set<SorterNode>();
  /** Children whose place may be wrong; `stale` says that all of them may be. */
  readonly dirty = new Set<SorterNode>();
  stale = false;
  readonly isLeaf: boolean;

  amounts: Milli[] = [];
  allocations = 0;
  weight: number;
  share = 0;

  constructor(name: string, client: string, options: { isLeaf: boolean; weight: number }) {
    this.name = name;
    this.client = client;
    this.isLeaf = options.isLeaf;
    this.weight = options.weight;
  }

  get isActive(): boolean {
    return this.parent?.inactive.has(this) === false;
  }

  child(name: string): SorterNode | undefined {
    const named = (node: SorterNode): boolean => node.name === name;
    return this.children.find(named) ?? [...this.inactive].find(named);
  }

  attach(child: SorterNode, active: boolean): void {
    child.parent = this;
    if (!active) {
      this.inactive.add(child);
      return;
    }
    this.children.push(child);
    this.dirty.add(child);
  }

  /** Takes the child out; says whether it was active. */
  detach(child: SorterNode): boolean {
    child.parent = undefined;
    this.dirty.delete(child);
    if (this.inactive.delete(child)) return false;
    this.children.splice(this.children.indexOf(child), 1);
    return true;
  }

  get isChildless(): boolean {
    return this.children.length === 0 && this.inactive.size === 0;
  }

  /** The virtual leaf if it is the only child left. */
  get onlyVirtualLeaf(): SorterNode | undefined {
    if (this.children.length + this.inactive.size !== 1) return undefined;
    return this.child(VIRTUAL_LEAF);
  }
}

/** Least share first, then fewest allocations, then the smaller path. */
export function compareNodes(left: SorterNode, right: SorterNode): number {
  if (left.share !== right.share) return left.share - right.share;
  if (left.allocations !== right.allocations) return left.allocations - right.allocations;
  return left.name < right.name ? -1 : 1;
}

/** Brings the children of one node in order, with no more work than has become wrong. */
export function orderChildren(node: SorterNode, shareOf: (child: SorterNode) => number): void {
  const { children, dirty } = node;
  if (node.stale || dirty.size > Math.max(1, children.length / SORT_ALL_FRACTION)) {
    for (const child of node.stale ? children : dirty) child.share = shareOf(child);
    children.sort(compareNodes);
  } else {
    // All are taken out first: the search below needs the rest to be in order.
    for (const child of dirty) children.splice(children.indexOf(child), 1);
    for (const child of dirty) {
      child.share = shareOf(child);
      children.splice(placeOf(child, children), 0, child);
    }
  }
  dirty.clear();
  node.stale = false;
}

/** Above one child in this many to be moved, sorting all of them is cheaper. */
const SORT_ALL_FRACTION = 16;

function placeOf(node: SorterNode, ordered: readonly SorterNode[]): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = ordered[middle];
    if (other && compareNodes(other, node) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
