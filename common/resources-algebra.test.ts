import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Resources } from './resources.ts';

const from = (text: string): Resources => Resources.from(text);

describe('the algebra of resources [A15]', () => {
  const scalar = fc.tuple(
    fc.constantFrom('cpus', 'mem', 'cpus(a)', 'mem(a)', 'disk'),
    fc.integer({ min: 1, max: 50_000 }),
  );
  const ports = fc.tuple(fc.nat(30), fc.nat(10));
  const resources = fc
    .tuple(fc.array(scalar, { maxLength: 5 }), fc.array(ports, { maxLength: 4 }))
    .map(([scalars, ranges]) =>
      from(
        [
          ...scalars.map(([name, milli]) => `${name}:${milli / 1_000}`),
          ...ranges.map(([begin, length]) => `ports:[${begin}-${begin + length}]`),
        ].join(';'),
      ),
    );

  test('holds: sums commute and associate, differences undo them, and texts and messages round-trip', () => {
    fc.assert(
      fc.property(resources, resources, resources, (a, b, c) => {
        expect(a.plus(b).equals(b.plus(a))).toBe(true);
        expect(
          a
            .plus(b)
            .plus(c)
            .equals(a.plus(b.plus(c))),
        ).toBe(true);
        expect(a.plus(b).contains(a)).toBe(true);
        const scalars = a.scalars();
        expect(scalars.plus(b.scalars()).minus(b.scalars()).equals(scalars)).toBe(true);
        expect(a.minus(b).plus(b).equals(a)).toBe(a.contains(b));
        expect(Resources.fromProtobuf(a.toProtobuf()).equals(a)).toBe(true);
        expect(from(a.unreserved().toString().replace('{}', '')).equals(a.unreserved())).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
