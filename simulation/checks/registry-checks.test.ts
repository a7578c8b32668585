import { describe, expect, test } from '@jest/globals';
import { Registry } from '../../proto/index.ts';
import { History, type EventOf } from './history.ts';
import { RegistryChecks } from './registry-checks.ts';

const MASTER = { id: 'm1', ip: 0, port: 5050 };
const slave = (id: string) => ({ info: { hostname: 'h', id: { value: id } } });
const away = (id: string, nanoseconds = 1n) => ({ id: { value: id }, timestamp: { nanoseconds } });

function judge(...writes: readonly Partial<EventOf<'stored'>>[]): readonly string[] {
  const history = new History(() => 0);
  new RegistryChecks(history, { agentCountMax: 2, agentAgeMsMax: 1_000 });
  for (const write of writes) {
    const entry = { version: 'v0', epoch: 1, value: new Uint8Array() };
    history.see({ kind: 'stored', entry, expected: undefined, outcome: 'stored', ...write });
  }
  return history.violations.map(({ id }) => id);
}

function write(
  [expected, version]: readonly [string | undefined, string],
  registry: Registry,
  { epoch = 1, leader = 'm1' } = {},
): Partial<EventOf<'stored'>> {
  const value = Registry.encode({ ...registry, master: { info: { ...MASTER, id: leader } } });
  return { expected, entry: { version, epoch, value } };
}

const BOTH = { slaves: { slaves: [slave('a'), slave('b')] } };

describe('the checker of the registry', () => {
  test('follows agents from list to list', () => {
    const parted = { slaves: { slaves: [slave('a')] }, unreachable: { slaves: [away('b')] } };
    expect(
      judge(write([undefined, '1'], BOTH), write(['1', '2'], parted), write(['2', '3'], BOTH)),
    ).toEqual([]);
  });

  test('misses an agent that nobody has removed (G1)', () => {
    const one = { slaves: { slaves: [slave('a')] } };
    expect(judge(write([undefined, '1'], BOTH), write(['1', '2'], one))).toEqual(['G1']);
  });

  test('sees an agent in two places (M4)', () => {
    const twice = { ...BOTH, unreachable: { slaves: [away('b')] } };
    expect(judge(write([undefined, '1'], BOTH), write(['1', '2'], twice))).toEqual(['M4']);
  });

  test('sees two leaders in one epoch (M1), and a write that should have been refused (G1)', () => {
    const other = { epoch: 1, leader: 'm2' };
    expect(judge(write([undefined, '1'], BOTH), write(['1', '2'], BOTH, other))).toEqual(['M1']);
    expect(judge(write([undefined, '1'], BOTH), write(['0', '2'], BOTH))).toEqual(['G1']);
    const fenced = judge(
      write([undefined, '1'], BOTH, { epoch: 2 }),
      write(['1', '2'], BOTH, { epoch: 1 }),
    );
    expect(fenced).toContain('G1');
  });

  test('sees what is forgotten before its time (G5)', () => {
    const lost = { unreachable: { slaves: [away('a', 1n), away('b', 2n)] } };
    const pruned = { unreachable: { slaves: [away('b', 2n)] } };
    expect(judge(write([undefined, '1'], lost), write(['1', '2'], pruned))).toEqual(['G5']);
    const many = { unreachable: { slaves: [...lost.unreachable.slaves, away('c', 3n)] } };
    const oldest = { unreachable: { slaves: [away('b', 2n), away('c', 3n)] } };
    expect(judge(write([undefined, '1'], many), write(['1', '2'], oldest))).toEqual([]);
  });
});
