import { describe, expect, test } from '@jest/globals';
import { Registry } from '../../proto/index.ts';
import { admitSlave, markSlaveGone, markSlaveUnreachable, recoverMaster } from './operations.ts';
import { RegistryState } from './registry-state.ts';

const AT = { nanoseconds: 7n };
const info = (n: number) => ({ hostname: `host-${n}`, id: { value: `S${n}` } });

function filled(count: number): RegistryState {
  const state = new RegistryState();
  recoverMaster({ id: 'm', ip: 1, port: 5_050 }, 3).apply(state);
  for (let n = 0; n < count; n += 1) admitSlave(info(n)).apply(state);
  markSlaveUnreachable(info(1), AT).apply(state);
  markSlaveGone('S2', AT).apply(state);
  return state;
}

describe('the registry in memory', () => {
  test.each([3, 4, 200])('is encoded as the Registry that it is, with %s agents', (count) => {
    const state = filled(count);
    const decoded = Registry.decode(Buffer.concat(state.encode()));
    expect(decoded.slaves?.slaves ?? []).toEqual(state.toRegistry().slaves?.slaves);
    expect({ ...decoded, slaves: undefined }).toEqual({ ...state.toRegistry(), slaves: undefined });
    expect(new RegistryState(decoded).toRegistry()).toEqual(state.toRegistry());
  });

  test('encodes each agent once: unchanged pieces are the same objects', () => {
    const state = filled(100);
    const before = new Set(state.encode());
    admitSlave(info(100)).apply(state);
    expect(state.encode().filter((chunk) => !before.has(chunk)).length).toBeLessThan(6);
  });

  test('keeps what it does not know of: maintenance, quota, weights', () => {
    const stored: Registry = {
      weights: [{ info: { weight: 2, role: 'eng' } }],
      minimum_capabilities: [{ capability: 'QUOTA_V2' }],
    };
    const { weights, minimum_capabilities } = new RegistryState(stored).toRegistry();
    expect({ weights, minimum_capabilities }).toEqual(stored);
  });
});
