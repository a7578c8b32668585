import assert from 'node:assert/strict';
import type { ResourceQuantities } from '../../common/resource-quantities.ts';
import { SorterTotals, type Sorter, type SorterClient } from './sorter.ts';
import { orderChildren, SorterNode, VIRTUAL_LEAF } from './sorter-node.ts';

const DEFAULT_WEIGHT = 1;

/**
 * Dominant Resource Fairness (Ghodsi et al., NSDI 2011): the next turn is that of the client with
 * the least dominant share, its greatest part of any one kind of resource, divided by its weight.
 * Among equals the one with fewer allocations so far goes first, then the smaller path.
 *
 * In a tree of paths the share of an inner node is that of all below it; the order is that of the
 * tree walked in this way. Nodes keep their place until their share changes.
 */
export class DrfSorter implements Sorter {
  readonly #totals: SorterTotals;
  readonly #root = new SorterNode('', '', { isLeaf: false, weight: DEFAULT_WEIGHT });
  readonly #leaves = new Map<string, SorterNode>();
  readonly #weights = new Map<string, number>();
  #totalsVersion: number;
  #depth = 1;
  #order: readonly SorterNode[] | undefined;

  constructor(totals = new SorterTotals()) {
    this.#totals = totals;
    this.#totalsVersion = totals.version;
  }

  get size(): number {
    return this.#leaves.size;
  }

  has(client: string): boolean {
    return this.#leaves.has(client);
  }

  add(client: string): void {
    assert(!this.#leaves.has(client), `client '${client}' is added once`);
    const names = client.split('/');
    this.#depth = Math.max(this.#depth, names.length);
    const last = names.pop() ?? client;
    let parent = this.#root;
    let path = '';
    for (const name of names) {
      path = path === '' ? name : `${path}/${name}`;
      parent = this.#innerNode(parent, name, path);
    }
    const existing = names.length === 0 ? this.#inner(last) : parent.child(last);
    if (existing) this.#addLeaf(existing, VIRTUAL_LEAF, client);
    else this.#addLeaf(parent, last, client);
  }

  // At the top, where there may be thousands of clients, only inner nodes can be in the way.
  #inner(name: string): SorterNode | undefined {
    return this.#depth === 1 ? undefined : this.#root.child(name);
  }

  #addLeaf(parent: SorterNode, name: string, client: string): void {
    const weight = name === VIRTUAL_LEAF ? DEFAULT_WEIGHT : this.#weight(client);
    const leaf = new SorterNode(name, client, { isLeaf: true, weight });
    parent.attach(leaf, false);
    this.#leaves.set(client, leaf);
  }

  #innerNode(parent: SorterNode, name: string, path: string): SorterNode {
    const existing = parent.child(name);
    if (existing && !existing.isLeaf) return existing;
    const inner = new SorterNode(name, path, { isLeaf: false, weight: this.#weight(path) });
    if (existing) {
      // A client gets its first descendant: from now on it competes with it, as a virtual leaf.
      const active = parent.detach(existing);
      existing.name = VIRTUAL_LEAF;
      existing.weight = DEFAULT_WEIGHT;
      inner.amounts = [...existing.amounts];
      inner.allocations = existing.allocations;
      inner.attach(existing, active);
    }
    parent.attach(inner, true);
    this.#order = undefined;
    return inner;
  }

  remove(client: string): void {
    const leaf = this.#leaf(client);
    this.#leaves.delete(client);
    this.#order = undefined;
    let node = leaf.parent;
    node?.detach(leaf);
    for (let parent = node; parent; parent = parent.parent) {
      leaf.amounts.forEach((milli, index) => {
        parent.amounts[index] = (parent.amounts[index] ?? 0) - milli;
      });
      parent.parent?.dirty.add(parent);
    }
    while (node?.parent) node = this.#collapse(node, node.parent);
  }

  /** Removes an inner node that is needed no more; gives the next to look at, if any. */
  #collapse(node: SorterNode, parent: SorterNode): SorterNode | undefined {
    if (node.isChildless) {
      parent.detach(node);
      return parent;
    }
    const leaf = node.onlyVirtualLeaf;
    if (!leaf) return undefined;
    const active = node.detach(leaf);
    parent.detach(node);
    leaf.name = node.name;
    leaf.weight = node.weight;
    parent.attach(leaf, active);
    return undefined;
  }

  activate(client: string): void {
    this.#setActive(client, true);
  }

  deactivate(client: string): void {
    this.#setActive(client, false);
  }

  #setActive(client: string, active: boolean): void {
    const leaf = this.#leaf(client);
    const { parent } = leaf;
    if (!parent || leaf.isActive === active) return;
    parent.detach(leaf);
    parent.attach(leaf, active);
    this.#order = undefined;
  }

  updateWeight(path: string, weight: number): void {
    this.#weights.set(path, weight);
    const node = this.#find(path);
    if (!node) return;
    node.weight = weight;
    this.#changed(node);
  }

  #find(path: string): SorterNode | undefined {
    let node: SorterNode | undefined = this.#root;
    for (const name of path.split('/')) node = node?.child(name);
    return node;
  }

  #weight(path: string): number {
    return this.#weights.get(path) ?? DEFAULT_WEIGHT;
  }

  allocated(client: string, quantities: ResourceQuantities): void {
    for (let node: SorterNode = this.#leaf(client); node.parent; node = node.parent) {
      this.#totals.addTo(node.amounts, quantities, 1);
      node.allocations += 1;
      this.#changed(node);
    }
  }

  unallocated(client: string, quantities: ResourceQuantities): void {
    for (let node: SorterNode = this.#leaf(client); node.parent; node = node.parent) {
      this.#totals.addTo(node.amounts, quantities, -1);
      this.#changed(node);
    }
  }

  /** What the client holds, less what does not count in shares. */
  allocation(client: string): ResourceQuantities {
    return this.#totals.quantitiesOf(this.#leaf(client).amounts);
  }

  #changed(node: SorterNode): void {
    this.#order = undefined;
    if (node.isActive) node.parent?.dirty.add(node);
  }

  /** The dominant share of a client or a subtree, divided by its weight; undefined if unknown. */
  share(path: string): number | undefined {
    const node = this.#leaves.get(path) ?? this.#find(path);
    return node && this.#shareOf(node);
  }

  readonly #shareOf = (node: SorterNode): number =>
    this.#totals.dominantShare(node.amounts) / node.weight;

  sort(): readonly SorterClient[] {
    const stale = this.#totalsVersion !== this.#totals.version;
    if (this.#order && !stale) return this.#order;
    this.#totalsVersion = this.#totals.version;
    this.#order = this.#sorted(stale);
    return this.#order;
  }

  #sorted(stale: boolean): readonly SorterNode[] {
    const order: SorterNode[] = [];
    const visit = (node: SorterNode): void => {
      node.stale ||= stale;
      if (node.stale || node.dirty.size > 0) orderChildren(node, this.#shareOf);
      if (this.#depth === 1) return;
      for (const child of node.children) {
        if (child.isLeaf) order.push(child);
        else visit(child);
      }
    };
    visit(this.#root);
    // Without a tree the children of the root are the order: nothing to copy.
    return this.#depth === 1 ? this.#root.children : order;
  }

  #leaf(client: string): SorterNode {
    const leaf = this.#leaves.get(client);
    assert(leaf, `client '${client}' has been added`);
    return leaf;
  }
}
