import { describe, expect, test } from '@jest/globals';
import type { Offer } from '../proto/index.ts';
import { AgentPids } from './agent-pids.ts';

const PID = 'slave(1)@10.0.0.2:5051';
const offer = (id: string): Offer => ({
  id: { value: id },
  framework_id: { value: 'framework' },
  slave_id: { value: 'agent' },
  hostname: 'host',
});

describe('the address of an agent', () => {
  test('is known once something was launched there', () => {
    const pids = new AgentPids();
    pids.offered([offer('a'), offer('b')], [PID, PID]);
    expect(pids.of('agent')).toBeUndefined();
    pids.answered('a', false);
    expect(pids.of('agent')).toBeUndefined();
    pids.answered('b', true);
    expect(pids.of('agent')?.toString()).toBe(PID);
  });

  test.each([
    [
      'rescinded',
      (pids: AgentPids) => {
        pids.rescinded('a');
      },
    ],
    [
      'of a former master',
      (pids: AgentPids) => {
        pids.disconnected();
      },
    ],
  ])('is not learned from an offer that is %s', (_what, happens) => {
    const pids = new AgentPids();
    pids.offered([offer('a')], [PID]);
    happens(pids);
    pids.answered('a', true);
    expect(pids.of('agent')).toBeUndefined();
  });

  test('is forgotten with the agent, and never one that does not parse', () => {
    const pids = new AgentPids();
    pids.offered([offer('a'), offer('b')], [PID, 'nonsense']);
    pids.answered('a', true);
    pids.lost('agent');
    pids.answered('b', true);
    expect(pids.of('agent')).toBeUndefined();
  });
});
