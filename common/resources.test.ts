import { describe, expect, test } from '@jest/globals';
import type { Resource } from '../proto/index.ts';
import { resourceProblem } from './resource-validation.ts';
import { Resources } from './resources.ts';

const from = (text: string): Resources => Resources.from(text);

describe('the notation of resources', () => {
  test.each([
    ['cpus:4;mem:4096;ports:[31000-32000]', 'cpus:4; mem:4096; ports:[31000-32000]'],
    ['cpus:45.55; disks:{sda1} ;', 'cpus:45.55; disks:{sda1}'],
    ['cpus:1;cpus:2', 'cpus:3'],
    ['cpus(*):1', 'cpus:1'],
    ['ports:[1-3,2-5]', 'ports:[1-5]'],
    ['cpus:0;mem:1', 'mem:1'],
    ['', '{}'],
  ])('%s is read and printed as %s [97a4150] [57f5bcf] [7704ade]', (text, printed) => {
    expect(from(text).toString()).toBe(printed);
  });

  test('with a role in parentheses is a static reservation [f0a4725]', () => {
    const mixed = from('cpus(role1):45;mem:10;ports(role2):[1-2]');
    expect(mixed.toString()).toBe(
      'cpus(reservations: [(STATIC,role1)]):45; mem:10; ports(reservations: [(STATIC,role2)]):[1-2]',
    );
    const parsed = Resources.parse('cpus:1;mem(*):2', 'web');
    expect(parsed.ok && parsed.value.reserved('web').toString()).toBe(
      'cpus(reservations: [(STATIC,web)]):1',
    );
  });

  test.each([
    'cpus',
    'cpus(role:4',
    'cpus)role(:4',
    'cpus(a)(b):4',
    ':4',
    'cpus:',
    'cpus:four',
    'cpus:-1',
    'cpus(-role):1',
    'gpus:0.5',
    'cpus:1;cpus:[1-2]',
    'ports:[1-2',
  ])("'%s' is refused [3918243]", (text) => {
    expect(Resources.parse(text).ok).toBe(false);
  });
});

describe('the JSON form of resources', () => {
  test('sums what is given twice and takes roles [c823af6] [7d75d34]', () => {
    const json = [
      { name: 'cpus', type: 'SCALAR', scalar: { value: 1.5 } },
      { name: 'cpus', type: 'SCALAR', scalar: { value: 2.5 }, role: '*' },
      { name: 'mem', type: 'SCALAR', scalar: { value: 32 }, role: 'web' },
      { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 1, end: 2 }] } },
      { name: 'bag', type: 'SET', set: { item: ['a', 'b'] } },
    ];
    expect(from(JSON.stringify(json)).toString()).toBe(
      'cpus:4; mem(reservations: [(STATIC,web)]):32; ports:[1-2]; bag:{a, b}',
    );
  });

  const volume = { container_path: 'p', mode: 'RW' };
  test.each([
    ['an object', '{"name":"cpus"}'],
    ['cut text', '[{"name":"cpus"'],
    ['no type', '[{"name":"cpus","scalar":{"value":1}}]'],
    ['no name', '[{"type":"SCALAR","scalar":{"value":1}}]'],
    ['a negative amount', '[{"name":"cpus","type":"SCALAR","scalar":{"value":-1}}]'],
    ['another value than the type', '[{"name":"cpus","type":"SCALAR","set":{"item":["a"]}}]'],
    [
      'two types under one name',
      '[{"name":"a","type":"SCALAR","scalar":{"value":1}},{"name":"a","type":"SET","set":{"item":["a"]}}]',
    ],
    [
      'a persistent volume',
      JSON.stringify([
        {
          name: 'disk',
          type: 'SCALAR',
          scalar: { value: 1 },
          role: 'r',
          disk: { persistence: { id: 'a' }, volume },
        },
      ]),
    ],
    [
      'a dynamic reservation',
      '[{"name":"cpus","type":"SCALAR","scalar":{"value":1},"role":"r","reservation":{}}]',
    ],
    [
      'revocable resources',
      '[{"name":"cpus","type":"SCALAR","scalar":{"value":1},"revocable":{}}]',
    ],
  ])('is refused with %s [09cf2f0]', (_case, text) => {
    expect(Resources.parse(text).ok).toBe(false);
  });
});

describe('arithmetic of resources', () => {
  test.each([
    ['cpus:1;mem:5', 'cpus:2;mem:10', 'cpus:3; mem:15', '[cbfc241]'],
    [
      'cpus(a):1;cpus(b):1',
      'cpus(a):3',
      'cpus(reservations: [(STATIC,a)]):4; cpus(reservations: [(STATIC,b)]):1',
      '[af21bd7] [69b0421]',
    ],
    ['ports:[20000-40000]', 'ports:[30000-50000,10000-20000]', 'ports:[10000-50000]', '[9edc63d]'],
    ['ports:[1-2]', 'ports:[3-4]', 'ports:[1-4]', '[5dfa7f4] [4803428]'],
    ['disks:{sda1,sda2}', 'disks:{sda2,sda3}', 'disks:{sda1, sda2, sda3}', '[7c73d20]'],
    ['cpus:0.1', 'cpus:0.2', 'cpus:0.3', '[1879adb]'],
  ])('%s and %s are %s %s', (...[left, right, sum]) => {
    expect(from(left).plus(from(right)).toString()).toBe(sum);
  });

  test.each([
    ['cpus:50;mem:4096', 'cpus:0.5;mem:1024', 'cpus:49.5; mem:3072', '[72f8a44]'],
    ['cpus:50;mem:4096', 'cpus:50;mem:4096', '{}', '[72f8a44]'],
    [
      'cpus(a):5;cpus(b):3',
      'cpus(a):1',
      'cpus(reservations: [(STATIC,a)]):4; cpus(reservations: [(STATIC,b)]):3',
      '[f4e9ab6]',
    ],
    ['cpus:5', 'cpus(a):1', 'cpus:5', '[984db96]'],
    ['cpus:1', 'cpus:2', '{}', 'and never goes negative'],
    ['ports:[20000-40000]', 'ports:[10000-20000,30000-50000]', 'ports:[20001-29999]', '[a030b77]'],
    ['ports:[50000-60000]', 'ports:[50000-50001]', 'ports:[50002-60000]', '[ee1406e] [a6da2ca]'],
    ['ports:[50000-60000]', 'ports:[50000-60000]', '{}', '[3b71c78]'],
    [
      'ports:[1-10,20-30]',
      'ports:[2-9,15-22,30-50]',
      'ports:[1-1, 10-10, 23-29]',
      '[e64dd46] [1982b1f]',
    ],
    ['ports:[1-10]', 'ports:[20-30]', 'ports:[1-10]', '[a1a91b0]'],
    ['disks:{a,b,c}', 'disks:{b,x}', 'disks:{a, c}', '[d9a108e]'],
  ])('%s less %s is %s %s', (...[left, right, rest]) => {
    expect(from(left).minus(from(right)).toString()).toBe(rest);
  });

  test.each([
    ['cpus:1.5;mem:3', 'cpus:1;mem:3', true, '[1f60fba]'],
    ['cpus:1;mem:3', 'cpus:1.5;mem:3', false, '[1f60fba]'],
    ['cpus(a):2', 'cpus(a):1', true, '[faa5edf]'],
    ['cpus(a):2', 'cpus(b):1', false, '[faa5edf]'],
    ['cpus(a):2', 'cpus:1', false, '[faa5edf]'],
    ['ports:[1-10]', 'ports:[2-3,5-6]', true, '[dcf32ec]'],
    ['ports:[1-4,6-10]', 'ports:[4-6]', false, '[dcf32ec]'],
    ['ports:[1-2,3-4]', 'ports:[1-4]', true, '[abf7056]'],
    ['disks:{a,b}', 'disks:{b}', true, '[82fa2f2]'],
    ['disks:{b}', 'disks:{a,b}', false, '[82fa2f2]'],
    ['cpus:1', '', true, '[9a3bf38]'],
    ['', 'cpus:1', false, '[9a3bf38]'],
  ])('%s contains %s: %s %s', (...[left, right, contained]) => {
    expect(from(left).contains(from(right))).toBe(contained);
  });

  test('sets are equal in any order [c705e0e]', () => {
    expect(from('d:{a,b}').equals(from('d:{b,a}'))).toBe(true);
    expect(from('d:{a,b}').equals(from('d:{a,c}'))).toBe(false);
  });

  test('is exact over a hundred thousand operations [6218c15] [1879adb] [A15]', () => {
    const amount = from('cpus:1.001');
    let sum = amount;
    for (let count = 0; count < 100_000; count += 1) sum = sum.plus(amount);
    for (let count = 0; count < 100_000; count += 1) sum = sum.minus(amount);
    expect(sum.toString()).toBe('cpus:1.001');
  });
});

const dynamic = (role: string, labels?: string): Resource => ({
  name: 'cpus',
  type: 'SCALAR',
  scalar: { value: 1 },
  reservations: [
    {
      type: 'DYNAMIC',
      role,
      principal: 'ops',
      ...(labels !== undefined && { labels: { labels: [{ key: labels }] } }),
    },
  ],
});

const disk = (mb: number, info: Resource['disk']): Resource => ({
  name: 'disk',
  type: 'SCALAR',
  scalar: { value: mb },
  ...(info && { disk: info }),
});
const volume = (id: string): Resource['disk'] => ({
  persistence: { id },
  volume: { container_path: id, mode: 'RW' },
});

const of = (...resources: Resource[]): Resources => Resources.fromProtobuf(resources);

describe('resources that differ in more than their amount', () => {
  test('are merged when reserved alike, labels included [a6bc260] [54ad571] [8413b04] [dd6b238]', () => {
    expect(of(dynamic('r'), dynamic('r')).toString()).toBe(
      'cpus(reservations: [(DYNAMIC,r,ops)]):2',
    );
    expect(of(dynamic('r', 'a'), dynamic('r', 'a')).entries).toHaveLength(1);
    expect(of(dynamic('r', 'a'), dynamic('r', 'b')).entries).toHaveLength(2);
  });

  test('are contained only by their like [1118a50] [984db96]', () => {
    expect(of(dynamic('r', 'a')).contains(of(dynamic('r', 'b')))).toBe(false);
    expect(
      of(dynamic('r'))
        .minus(of(dynamic('s')))
        .equals(of(dynamic('r'))),
    ).toBe(true);
    expect(of(dynamic('r')).minus(of(dynamic('r'))).isEmpty).toBe(true);
  });

  test('volumes stay apart and go whole [bf6de9a] [f19044e] [263b973] [2641094]', () => {
    const both = of(disk(10, volume('a')), disk(10, volume('b')), disk(5, undefined));
    expect(both.entries).toHaveLength(3);
    expect(both.contains(of(disk(10, volume('a'))))).toBe(true);
    expect(both.contains(of(disk(5, volume('a'))))).toBe(false);
    expect(both.minus(of(disk(10, volume('a')))).toString()).toBe('disk[b:b]:10; disk:5');
    expect(both.minus(of(disk(4, volume('a')))).equals(both)).toBe(true);
  });

  test('one volume is not two of it', () => {
    const one = of(disk(10, volume('a')));
    expect(one.contains(of(disk(10, volume('a')), disk(10, volume('a'))))).toBe(false);
  });

  test('a MOUNT disk is taken whole, a PATH disk cut [93fd547] [edcbafd]', () => {
    const mount = { source: { type: 'MOUNT', mount: { root: '/m' } } } as const;
    const path = { source: { type: 'PATH', path: { root: '/p' } } } as const;
    expect(of(disk(10, mount)).contains(of(disk(5, mount)))).toBe(false);
    expect(
      of(disk(10, path))
        .minus(of(disk(5, path)))
        .toString(),
    ).toBe('disk[PATH:/p]:5');
  });

  test('revocable and firm stay apart [c90b3ce] [07b0ae1] [a397b63] [ed16275] [ad9058f]', () => {
    const firm: Resource = { name: 'cpus', type: 'SCALAR', scalar: { value: 1 } };
    const soft: Resource = { ...firm, revocable: {} };
    const both = of(firm, soft, soft);
    expect(both.toString()).toBe('cpus:1; cpus{REV}:2');
    expect(both.revocable().equals(of(soft, soft))).toBe(true);
    expect(both.nonRevocable().equals(of(firm))).toBe(true);
    expect(of(firm).contains(of(soft))).toBe(false);
    expect(both.toJson()).toMatchObject({ cpus: 1, cpus_revocable: 2 });
  });

  test('shared volumes are counted, not enlarged [fea5a19] [cf25c30]', () => {
    const shared = of({ ...disk(10, volume('a')), shared: {} });
    const two = shared.plus(shared);
    expect(two.toString()).toBe('disk[a:a]<SHARED><2>:10');
    expect(shared.contains(two)).toBe(false);
    expect(two.minus(shared).equals(shared)).toBe(true);
    expect(Resources.fromProtobuf(two.toProtobuf()).equals(two)).toBe(true);
  });

  test('allocated to different roles stay apart [e50f7b1] [492e699] [e8657bc] [c45477d] [a6eb992]', () => {
    const web = from('cpus:1').allocate('web');
    const both = web.plus(from('cpus:2').allocate('db'));
    expect(both.toString()).toBe('cpus(allocated: web):1; cpus(allocated: db):2');
    expect(both.contains(web)).toBe(true);
    expect(both.contains(from('cpus:1'))).toBe(false);
    expect(both.allocations().get('web')?.equals(web)).toBe(true);
    expect(both.unallocate().toString()).toBe('cpus:3');
    expect(web.unallocate().equals(from('cpus:1'))).toBe(true);
  });

  test('are found by role, `*` being unreserved [3220462] [728e759]', () => {
    const mixed = from('cpus(a):1;mem(b):2;cpus:3');
    expect([...mixed.reservations().keys()]).toEqual(['a', 'b']);
    expect(mixed.reserved('a').toString()).toBe('cpus(reservations: [(STATIC,a)]):1');
    expect(mixed.unreserved().toString()).toBe('cpus:3');
    expect(mixed.toUnreserved().toString()).toBe('cpus:4; mem:2');
  });

  test('may be allocated to their role and its descendants [ff45184]', () => {
    const mixed = from('cpus(a):1;cpus(a/b):2;cpus(ab):4;cpus:8');
    expect(mixed.allocatableTo('a/b').toUnreserved().cpus).toBe(11);
    expect(mixed.allocatableTo('a').toUnreserved().cpus).toBe(9);
    expect(mixed.allocatableTo('x').toUnreserved().cpus).toBe(8);
  });
});

describe('resources on the wire', () => {
  test('take either reservation format and give the one asked for [edb487f] [dfd2c1e] [48f281a]', () => {
    const old: Resource = {
      name: 'cpus',
      type: 'SCALAR',
      scalar: { value: 1 },
      role: 'r',
      reservation: { principal: 'ops' },
    };
    expect(of(old).equals(of(dynamic('r')))).toBe(true);
    expect(of(old).toProtobuf()).toEqual([dynamic('r')]);
    expect(of(old).toPreRefinementProtobuf()).toEqual([old]);
    expect(from('cpus:1').toPreRefinementProtobuf()).toEqual([
      { name: 'cpus', type: 'SCALAR', scalar: { value: 1 }, role: '*' },
    ]);
  });

  test('with refined reservations have no old form [8080c82]', () => {
    const refined: Resource = {
      ...dynamic('a/b'),
      reservations: [
        { type: 'STATIC', role: 'a' },
        { type: 'DYNAMIC', role: 'a/b' },
      ],
    };
    expect(of(refined).toPreRefinementProtobuf()).toBeUndefined();
  });

  const cpus: Resource = { name: 'cpus', type: 'SCALAR', scalar: { value: 1 } };
  test.each([
    ['no name', { ...cpus, name: '' }],
    ['a negative amount', { ...cpus, scalar: { value: -1 } }],
    ['an infinite amount', { ...cpus, scalar: { value: Infinity } }],
    ['a NaN', { ...cpus, scalar: { value: NaN } }],
    ['part of a GPU', { ...cpus, name: 'gpus', scalar: { value: 0.5 } }],
    ['a text', { name: 'x', type: 'TEXT' }],
    ['no value', { name: 'cpus', type: 'SCALAR' }],
    ['a range backwards', { name: 'p', type: 'RANGES', ranges: { range: [{ begin: 2, end: 1 }] } }],
    [
      'ranges that overlap',
      {
        name: 'p',
        type: 'RANGES',
        ranges: {
          range: [
            { begin: 1, end: 3 },
            { begin: 3, end: 4 },
          ],
        },
      },
    ],
    ['an item twice', { name: 's', type: 'SET', set: { item: ['a', 'a'] } }],
    ['`*` reserved', { ...cpus, role: '*', reservation: {} }],
    ['both formats', { ...dynamic('r'), role: 'r' }],
    [
      'a refinement of another role',
      {
        ...cpus,
        reservations: [
          { type: 'STATIC', role: 'a' },
          { type: 'DYNAMIC', role: 'b' },
        ],
      },
    ],
    ['a disk that is none', { ...cpus, disk: {} }],
    ['sharing without a volume', { ...cpus, shared: {} }],
  ] as const)(
    'with %s are invalid and left out [6b05c0d] [54a7bf6] [12613cf]',
    (_case, resource) => {
      expect(resourceProblem(resource)).toBeDefined();
      expect(of(resource, cpus).equals(of(cpus))).toBe(true);
    },
  );

  test('show cpus, gpus, mem and disk in endpoints even if there are none', () => {
    expect(from('cpus:1.5;ports:[31000-32000, 4000-4100];bag:{a}').toJson()).toEqual({
      cpus: 1.5,
      gpus: 0,
      mem: 0,
      disk: 0,
      ports: '[4000-4100, 31000-32000]',
      bag: '{a}',
    });
  });
});
