import { describe, expect, test } from '@jest/globals';
import { AGENT_FLAG_DEFAULTS, type AgentFlags } from '../flags.ts';
import { incompatibility, slaveInfo } from './slave-info.ts';

const GB = 1024 ** 3;
const facts = { cpus: 8, memoryBytesTotal: 16 * GB, diskBytesTotal: 100 * GB };
const flags = (more: Partial<AgentFlags> = {}): AgentFlags => ({
  ...AGENT_FLAG_DEFAULTS,
  workDirectory: '/work',
  runtimeDirectory: '/run',
  hostname: 'host',
  resources: 'cpus:4;mem:1024;disk:1024',
  attributes: 'rack:r1',
  ...more,
});
const info = (more?: Partial<AgentFlags>, port = 5051) => slaveInfo(flags(more), port, facts);

describe('an agent with the configuration of the former one', () => {
  test('takes its place, also on another port', () => {
    expect(incompatibility(info(), info())).toBeUndefined();
    expect(incompatibility(info(), info({}, 5052))).toBeUndefined();
  });

  test.each<[string, Partial<AgentFlags>]>([
    ['hostname', { hostname: 'other' }],
    ['resources', { resources: 'cpus:5;mem:1024;disk:1024' }],
    ['attributes', { attributes: 'rack:r2' }],
    ['attributes', { attributes: '' }],
  ])('but other %s does not', (named, more) => {
    expect(incompatibility(info(), info(more))).toContain(named);
  });
});

test.each<[string, Partial<AgentFlags>]>([
  ['--resources', { resources: 'cpus:many' }],
  ['--attributes', { attributes: 'rack' }],
])('nonsense in %s is refused by its name', (flag, more) => {
  expect(() => info(more)).toThrow(flag);
});
