import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ResourceQuantities } from '../../common/resource-quantities.ts';
import { Resources } from '../../common/resources.ts';
import { DrfSorter } from './drf-sorter.ts';
import { SorterTotals } from './sorter.ts';

const some = (text: string): ResourceQuantities => Resources.from(text).scalarQuantities();

let totals: SorterTotals;
let sorter: DrfSorter;

beforeEach(() => {
  totals = new SorterTotals();
  sorter = new DrfSorter(totals);
});

/** Adds active clients, each with what it has been allocated, if anything. */
function add(...clients: readonly (readonly [client: string, ...allocations: string[]])[]): void {
  for (const [client, ...allocations] of clients) {
    sorter.add(client);
    sorter.activate(client);
    for (const allocation of allocations) sorter.allocated(client, some(allocation));
  }
}

const order = (): string =>
  sorter
    .sort()
    .map(({ client }) => client)
    .join(' ');

describe('a DRF sorter of flat clients', () => {
  test('goes by dominant share, whichever kind it is of', () => {
    totals.add(some('cpus:100;mem:100'));
    add(['a', 'cpus:5;mem:5'], ['b', 'cpus:6;mem:6'], ['c'], ['d', 'cpus:1;mem:9']);
    expect(order()).toBe('c a b d');
    sorter.allocated('c', some('cpus:1;mem:30'));
    sorter.unallocated('d', some('mem:9'));
    expect(order()).toBe('d a b c');
  });

  test('divides shares by weights, at each change [a6774b5]', () => {
    totals.add(some('cpus:100;mem:100'));
    add(['a', 'cpus:5;mem:5'], ['b', 'cpus:6;mem:6']);
    sorter.updateWeight('b', 2);
    expect(order()).toBe('b a');
    add(['c'], ['d']);
    sorter.allocated('c', some('cpus:2;mem:2'));
    sorter.allocated('d', some('cpus:7;mem:4'));
    sorter.updateWeight('d', 10);
    expect(order()).toBe('d c b a');
    sorter.unallocated('a', some('cpus:4;mem:4'));
    sorter.allocated('b', some('cpus:3;mem:1'));
    expect(order()).toBe('d a c b');
    sorter.remove('d');
    expect(order()).toBe('a c b');
  });

  test('follows a weight given before the client, or changed later [5f2abe8]', () => {
    totals.add(some('cpus:100'));
    sorter.updateWeight('b', 4);
    add(['a', 'cpus:10'], ['b', 'cpus:20']);
    expect(order()).toBe('b a');
    sorter.updateWeight('b', 1);
    expect(order()).toBe('a b');
  });

  test('lets the one with fewer allocations go first among equals [a390fc6]', () => {
    totals.add(some('cpus:100'));
    add(['a'], ['b'], ['c']);
    expect(order()).toBe('a b c');
    sorter.allocated('a', some('cpus:1'));
    sorter.unallocated('a', some('cpus:1'));
    sorter.allocated('b', some('cpus:1'));
    sorter.unallocated('b', some('cpus:1'));
    sorter.allocated('b', some('cpus:1'));
    sorter.unallocated('b', some('cpus:1'));
    expect(order()).toBe('c a b');
  });

  test('follows the total of the cluster [2af54f2] [a430c71]', () => {
    totals.add(some('cpus:50;mem:100'));
    totals.add(some('cpus:50'));
    add(['a', 'cpus:1;mem:2'], ['b', 'cpus:1;mem:1']);
    expect(order()).toBe('b a');
    totals.subtract(some('cpus:90'));
    expect([sorter.share('a'), sorter.share('b')]).toEqual([0.1, 0.1]);
    totals.subtract(some('cpus:5'));
    totals.add(some('mem:900'));
    sorter.allocated('b', some('cpus:0.5'));
    expect(order()).toBe('a b');
  });

  test('forgets what is taken off total and allocation [c7ad2ec]', () => {
    totals.add(some('cpus:10'));
    add(['a', 'cpus:5'], ['b', 'cpus:3']);
    totals.subtract(some('cpus:5'));
    sorter.unallocated('a', some('cpus:5'));
    expect(order()).toBe('a b');
    expect(sorter.share('b')).toBe(0.6);
    expect(sorter.allocation('a').isEmpty).toBe(true);
  });

  test('sums one kind over its many objects [a135804]', () => {
    totals.add(some('cpus:100;disk:10'));
    totals.add(some('disk:90'));
    add(['a', 'cpus:9;disk:9', 'disk:2'], ['b', 'cpus:10']);
    expect(order()).toBe('b a');
    expect(sorter.share('a')).toBe(0.11);
  });

  test('counts revocable resources [b13e87e]', () => {
    const revocable = Resources.fromProtobuf([
      { name: 'cpus', type: 'SCALAR', scalar: { value: 50 }, revocable: {} },
    ]);
    totals.add(some('cpus:50'));
    totals.add(revocable.scalarQuantities());
    add(['a', 'cpus:10']);
    sorter.allocated('a', revocable.scalarQuantities());
    expect(sorter.share('a')).toBe(0.6);
  });

  test('ignores kinds that are excluded from fairness, and those there are none of', () => {
    totals = new SorterTotals(['gpus']);
    sorter = new DrfSorter(totals);
    totals.add(some('cpus:10;gpus:2'));
    add(['a', 'cpus:1;gpus:2'], ['b', 'cpus:2;mem:500']);
    expect(order()).toBe('a b');
  });

  test('keeps the allocation of an inactive client, who has no turn [b9f8a8e]', () => {
    totals.add(some('cpus:10'));
    add(['a', 'cpus:2'], ['b', 'cpus:3']);
    sorter.deactivate('a');
    sorter.allocated('a', some('cpus:4'));
    expect(order()).toBe('b');
    expect(sorter.allocation('a').toString()).toBe('cpus:6');
    sorter.activate('a');
    expect(order()).toBe('b a');
  });
});

describe('a DRF sorter of paths', () => {
  beforeEach(() => {
    totals.add(some('cpus:100;mem:100'));
  });

  test.each([
    ['shallow [a611e5e]', (name: string) => `${name}/${name}`],
    ['deep [db7c3e6]', (name: string) => `${name}/x/y/z`],
  ])('orders %s ones as it would flat ones', (_case, path) => {
    add(
      [path('a'), 'cpus:5;mem:5'],
      [path('b'), 'cpus:6;mem:6'],
      [path('c')],
      [path('d'), 'cpus:1;mem:9'],
    );
    expect(order()).toBe(['c', 'a', 'b', 'd'].map(path).join(' '));
  });

  test('compares subtrees by their sums, then what is in them [e18805f]', () => {
    add(['a'], ['b/c'], ['b/d']);
    sorter.allocated('a', some('cpus:6;mem:6'));
    sorter.allocated('b/c', some('cpus:5;mem:5'));
    sorter.allocated('b/d', some('cpus:4;mem:4'));
    expect(order()).toBe('a b/d b/c');
    expect(sorter.share('b')).toBe(0.09);

    sorter.add('b/e/f');
    sorter.activate('b/e/f');
    expect(order()).toBe('a b/e/f b/d b/c');
    sorter.allocated('b/e/f', some('cpus:10;mem:10'));
    sorter.unallocated('b/c', some('cpus:5;mem:5'));
    expect(order()).toBe('a b/c b/d b/e/f');
    sorter.remove('b/e/f');
    expect(order()).toBe('b/c b/d a');
  });

  test('walks the tree in order [f7f21c1]', () => {
    add(
      ['a', 'cpus:9'],
      ['b', 'cpus:4'],
      ['c/d', 'cpus:3'],
      ['c/e', 'cpus:2'],
      ['f/g/h', 'cpus:1'],
    );
    expect(order()).toBe('f/g/h b c/e c/d a');
  });

  test('lets a client with descendants compete with them [d7ef228]', () => {
    add(['a', 'cpus:10'], ['b', 'cpus:6']);
    add(['a/c', 'cpus:5']);
    expect(order()).toBe('b a/c a');
    expect(sorter.share('a')).toBe(0.1);
    sorter.unallocated('a', some('cpus:10'));
    expect(order()).toBe('a a/c b');
  });

  test('takes new clients into and beside an inner node [fb94762]', () => {
    add(['x/a', 'cpus:1'], ['x/b', 'cpus:2'], ['y', 'cpus:5']);
    add(['x/c', 'cpus:3']);
    expect(order()).toBe('y x/a x/b x/c');
    add(['x']);
    expect(order()).toBe('y x x/a x/b x/c');
  });

  test('leaves an inactive client so when it gets descendants [612fdc9]', () => {
    add(['a'], ['b', 'cpus:1']);
    sorter.deactivate('a');
    add(['a/c', 'cpus:2']);
    expect(order()).toBe('b a/c');
    sorter.activate('a');
    expect(order()).toBe('b a a/c');
  });

  test('puts a client back in place when its last descendant leaves [516862d] [bb96e76]', () => {
    add(['a', 'cpus:5'], ['b', 'cpus:6'], ['a/c', 'cpus:4']);
    expect(order()).toBe('b a/c a');
    sorter.remove('a/c');
    expect(order()).toBe('a b');
    expect(sorter.share('a')).toBe(0.05);
    add(['a/c', 'cpus:4']);
    sorter.deactivate('a');
    sorter.remove('a/c');
    expect(order()).toBe('b');
  });

  test('divides the share of a subtree by its weight [ebf138f]', () => {
    add(['a', 'cpus:3'], ['b/c', 'cpus:5'], ['b/d', 'cpus:4']);
    expect(order()).toBe('a b/d b/c');
    sorter.updateWeight('b', 4);
    expect(order()).toBe('b/d b/c a');
    sorter.remove('b/c');
    sorter.remove('b/d');
    add(['b/e', 'cpus:9']);
    expect(order()).toBe('b/e a');
  });
});

describe('a DRF sorter, whatever is done to it', () => {
  const CLIENTS = ['a', 'b', 'c', 'd/e', 'd/f', 'd', 'g/h/i', 'g'];
  const step = fc.record({
    client: fc.constantFrom(...CLIENTS),
    kind: fc.constantFrom(
      'add',
      'remove',
      'activate',
      'deactivate',
      'allocate',
      'free',
      'weigh',
      'total',
    ),
    cpus: fc.integer({ min: 1, max: 9 }),
  });

  /** A new sorter with the same clients, allocations and weights: it has to sort all of them. */
  function fresh(model: ReadonlyMap<string, Model>, weights: ReadonlyMap<string, number>): string {
    const twin = new DrfSorter(totals);
    for (const [client, weight] of weights) twin.updateWeight(client, weight);
    for (const [client, { active }] of model) {
      twin.add(client);
      if (active) twin.activate(client);
    }
    const events = [...model].flatMap(([client, { log }]) =>
      log.map((entry) => ({ client, ...entry })),
    );
    for (const { client, sign, cpus } of events.sort((x, y) => x.at - y.at)) {
      if (sign > 0) twin.allocated(client, some(`cpus:${cpus}`));
      else twin.unallocated(client, some(`cpus:${cpus}`));
    }
    return twin
      .sort()
      .map(({ client }) => client)
      .join(' ');
  }

  interface Model {
    active: boolean;
    held: number;
    readonly log: { readonly at: number; readonly sign: number; readonly cpus: number }[];
  }

  test('agrees with one that sorts from scratch', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        totals = new SorterTotals();
        totals.add(some('cpus:1000'));
        sorter = new DrfSorter(totals);
        const model = new Map<string, Model>();
        const weights = new Map<string, number>();
        steps.forEach(({ client, kind, cpus }, at) => {
          const known = model.get(client);
          if (kind === 'add' && !known) {
            sorter.add(client);
            model.set(client, { active: false, held: 0, log: [] });
          } else if (kind === 'total') {
            totals.add(some(`cpus:${cpus}`));
          } else if (kind === 'weigh') {
            sorter.updateWeight(client, cpus);
            weights.set(client, cpus);
          } else if (known && kind === 'activate') {
            sorter.activate(client);
            known.active = true;
          } else if (known && kind === 'deactivate') {
            sorter.deactivate(client);
            known.active = false;
          } else if (known && kind === 'allocate') {
            sorter.allocated(client, some(`cpus:${cpus}`));
            known.held += cpus;
            known.log.push({ at, sign: 1, cpus });
          } else if (known && kind === 'free' && known.held >= cpus) {
            sorter.unallocated(client, some(`cpus:${cpus}`));
            known.held -= cpus;
            known.log.push({ at, sign: -1, cpus });
          } else if (known && kind === 'remove' && known.log.length === 0) {
            sorter.remove(client);
            model.delete(client);
          }
          expect(order()).toBe(fresh(model, weights));
        });
      }),
      { numRuns: 150 },
    );
  });
});
