import { describe, expect, test } from '@jest/globals';
import { Resources } from '../../common/resources.ts';
import { agentResources } from './agent-resources.ts';

const GB = 1024 ** 3;

describe('the resources of an agent', () => {
  test('are the machine as far as the operator names none', () => {
    const facts = { cpus: 4, memoryBytesTotal: 8 * GB, diskBytesTotal: 100 * GB };
    const detected = agentResources(Resources.EMPTY, facts);
    expect(detected.toString()).toBe('cpus:4; mem:7168; disk:97280; ports:[31000-32000]');
  });

  test('keep half of a small machine for itself', () => {
    const facts = { cpus: 1, memoryBytesTotal: GB, diskBytesTotal: 8 * GB };
    const detected = agentResources(Resources.EMPTY, facts);
    expect([detected.mem, detected.disk]).toEqual([512, 4096]);
  });

  test('are what the operator says where he says it', () => {
    const facts = { cpus: 64, memoryBytesTotal: 8 * GB, diskBytesTotal: 100 * GB };
    const detected = agentResources(Resources.from('cpus:2;ports:[80-80];bananas:3'), facts);
    expect([detected.cpus, detected.scalar('bananas'), detected.mem]).toEqual([2, 3, 7168]);
    expect(detected.ports).toEqual([{ begin: 80, end: 80 }]);
  });
});
