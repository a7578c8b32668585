import { beforeEach, describe, expect, test } from '@jest/globals';
import { agentId, frameworkId } from '../../common/ids.ts';
import { ResourceQuantities } from '../../common/resource-quantities.ts';
import { Resources } from '../../common/resources.ts';
import { parseAttributes } from '../../common/attributes.ts';
import { SimRandom } from '../../libprocess/sim/index.ts';
import type { Attribute, Resource } from '../../proto/index.ts';
import type { Allocation, AllocatorAgent, AllocatorFramework } from './allocator.ts';
import { HierarchicalAllocator } from './hierarchical-allocator.ts';

const from = (text: string): Resources => Resources.from(text);

let allocator: HierarchicalAllocator;
let nowMs: number;
const random = new SimRandom(0);

beforeEach(() => {
  allocator = new HierarchicalAllocator();
  nowMs = 0;
});

const MODERN = ['MULTI_ROLE', 'HIERARCHICAL_ROLE', 'RESERVATION_REFINEMENT'] as const;

function agent(id: string, total: string | Resources, more: Partial<AllocatorAgent> = {}): void {
  allocator.addAgent({
    id: agentId(id),
    hostname: id,
    total: typeof total === 'string' ? from(total) : total,
    capabilities: MODERN,
    ...more,
  });
}

function framework(id: string, more: Partial<AllocatorFramework> = {}): void {
  allocator.addFramework({ id: frameworkId(id), roles: ['*'], ...more });
}

function run(...candidates: string[]): readonly Allocation[] {
  nowMs += 1_000;
  const ids = candidates.map(agentId);
  return allocator.allocate(
    ids.length > 0 ? { nowMs, random, candidates: new Set(ids) } : { nowMs, random },
  );
}

/** The offers as `framework role agent resources`. */
const offers = (...candidates: string[]): readonly string[] =>
  run(...candidates)
    .map(
      ({ frameworkId: id, role, agentId: where, resources }) =>
        `${id} ${role} ${where} ${String(resources.unallocate())}`,
    )
    .sort();

function recover(offer: Allocation | undefined, refuseSeconds?: number): void {
  if (!offer) throw new Error('There was no offer');
  const filters = refuseSeconds === undefined ? undefined : { refuse_seconds: refuseSeconds };
  allocator.recoverResources({ ...offer, filters }, nowMs);
}

const revocable = (cpus: number): Resource => ({
  name: 'cpus',
  type: 'SCALAR',
  scalar: { value: cpus },
  revocable: {},
});

function attributes(text: string): readonly Attribute[] {
  const parsed = parseAttributes(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

describe('an allocation run', () => {
  test('marks what it offers as allocated to the role', () => {
    framework('f', { roles: ['web'] });
    agent('s', 'cpus:1;mem:32');
    const [offer] = run();
    expect(offer?.resources.toString()).toBe('cpus(allocated: web):1; mem(allocated: web):32');
    expect(allocator.held(agentId('s'), frameworkId('f'))).toEqual(offer?.resources);
    expect(allocator.available(agentId('s'))?.isEmpty).toBe(true);
  });

  test('looks at the candidates only', () => {
    framework('f');
    agent('s1', 'cpus:1;mem:32');
    agent('s2', 'cpus:1;mem:32');
    expect(offers('s2', 'unknown')).toEqual(['f * s2 cpus:1; mem:32']);
    expect(offers()).toEqual(['f * s1 cpus:1; mem:32']);
  });

  test('offers of every agent to a framework that is alone, at most once each [3c590e9]', () => {
    for (let ordinal = 0; ordinal < 10; ordinal += 1) agent(`s${ordinal}`, 'cpus:2;mem:1024');
    framework('f');
    expect(new Set(run().map((offer) => offer.agentId)).size).toBe(10);
    expect(run()).toEqual([]);
  });

  test('goes on to the next framework where the first cannot use an agent [4d46fc1]', () => {
    framework('a', { capabilities: ['MULTI_ROLE'] });
    framework('b');
    agent('old', 'cpus:1;mem:32', { capabilities: [] });
    expect(offers()).toEqual(['b * old cpus:1; mem:32']);
  });

  test('gives equal shares whatever the order of joining [b18af8f]', () => {
    const used = (id: string): NonNullable<AllocatorAgent['used']> =>
      new Map([[frameworkId(id), from('cpus:1;mem:256').allocate('*')]]);
    framework('f1');
    agent('s1', 'cpus:2;mem:512', { used: used('f1') });
    agent('s2', 'cpus:2;mem:512', { used: used('f2') });
    framework('f2');
    expect(allocator.share('*', frameworkId('f1'))).toBe(0.25);
    expect(allocator.share('*', frameworkId('f2'))).toBe(0.25);
    expect(allocator.share('*')).toBe(0.5);
  });
});

describe('what may be offered to whom', () => {
  test.each([
    [
      'a MULTI_ROLE framework on an agent that is not [c8362cd]',
      { capabilities: ['MULTI_ROLE'] },
      { capabilities: [] },
    ],
    [
      'a hierarchical role on an agent without them',
      { roles: ['a/b'] },
      { capabilities: ['MULTI_ROLE'] },
    ],
    ['an agent with GPUs without GPU_RESOURCES', {}, { total: from('cpus:1;mem:32;gpus:1') }],
    ['an agent of another region without REGION_AWARE', {}, { region: 'far' }],
    ['a framework that is not connected', { active: false }, {}],
    ['a framework that suppressed its role at once', { suppressedRoles: ['*'] }, {}],
  ] as const)('nothing: %s', (_case, theFramework, theAgent) => {
    allocator = new HierarchicalAllocator({ region: 'near' });
    framework('f', theFramework);
    agent('s', 'cpus:1;mem:32', theAgent);
    expect(run()).toEqual([]);
  });

  test.each([
    ['GPU_RESOURCES', { total: from('cpus:1;mem:32;gpus:1') }],
    ['REGION_AWARE', { region: 'far' }],
    ['MULTI_ROLE', {}],
  ] as const)('an agent that needs %s, with it', (capability, theAgent) => {
    allocator = new HierarchicalAllocator({ region: 'near' });
    framework('f', { capabilities: [capability] });
    agent('s', 'cpus:1;mem:32', theAgent);
    expect(run()).toHaveLength(1);
  });

  test('revocable resources to those who opted in [3d080e8] [6569a77] [e8b77e1]', () => {
    const total = from('cpus:1;mem:32').plus(Resources.fromProtobuf([revocable(2)]));
    agent('s', total);
    framework('firm');
    const [firm] = run();
    expect(firm?.resources.unallocate().toString()).toBe('cpus:1; mem:32');
    recover(firm, 3600);
    framework('soft', { capabilities: ['REVOCABLE_RESOURCES'] });
    const [soft] = run();
    expect(soft?.resources.unallocate().toString()).toBe('cpus{REV}:2; cpus:1; mem:32');
    recover(soft && { ...soft, resources: soft.resources.revocable() });
    expect(offers()).toEqual(['soft * s cpus{REV}:2']);
    allocator.updateAgent(agentId('s'), { total: from('cpus:1;mem:32') });
    expect(allocator.available(agentId('s'))?.isEmpty).toBe(true);
  });

  test('an agent that has changed its capabilities [62552e0]', () => {
    framework('f', { capabilities: ['MULTI_ROLE'] });
    agent('s', 'cpus:1;mem:32', { capabilities: [] });
    expect(run()).toEqual([]);
    expect(allocator.updateAgent(agentId('s'), { capabilities: ['MULTI_ROLE'] })).toBe(true);
    expect(allocator.updateAgent(agentId('s'), { capabilities: ['MULTI_ROLE'] })).toBe(false);
    expect(run()).toHaveLength(1);
  });

  test('nothing of a deactivated agent, until it is activated', () => {
    framework('f');
    agent('s', 'cpus:1;mem:32');
    allocator.deactivateAgent(agentId('s'));
    expect(run()).toEqual([]);
    allocator.activateAgent(agentId('s'));
    expect(run()).toHaveLength(1);
  });

  test('anything at all to a framework with an empty minimum [6858c18]', () => {
    agent('s', 'cpus:0.001;ports:[1-1]');
    framework('f1');
    expect(run()).toEqual([]);
    framework('f2', { roles: ['web'], minAllocatable: new Map([['web', []]]) });
    expect(offers()).toEqual(['f2 web s ports:[1-1]; cpus:0.001']);
  });

  test('a minimum of the cluster, any one of which will do [aeed40b]', () => {
    const minimum = ['cpus:1;mem:64', 'disk:100'].map((text) => from(text).quantities());
    allocator = new HierarchicalAllocator({ minAllocatable: minimum });
    framework('f');
    agent('s1', 'cpus:2;mem:32');
    agent('s2', 'cpus:1;mem:64');
    agent('s3', 'disk:100');
    expect(
      run()
        .map((offer) => offer.agentId)
        .sort(),
    ).toEqual(['s2', 's3']);
    expect(minimum[0]).toBeInstanceOf(ResourceQuantities);
  });

  test('shares leave out the kinds excluded from fairness [ccbdcc2]', () => {
    allocator = new HierarchicalAllocator({ fairSharingExcluded: ['disk'] });
    framework('f1', { roles: ['r1'] });
    agent('s1', 'cpus:1;mem:512;disk:900');
    run();
    framework('f2', { roles: ['r2'] });
    agent('s2', 'cpus:2;mem:512');
    run();
    agent('s3', 'cpus:1;mem:512');
    expect(offers()).toEqual(['f1 r1 s3 cpus:1; mem:512']);
  });
});

describe('recovered resources', () => {
  test('are offered again at the next run if not filtered [a756252] [cfa4a41]', () => {
    framework('f');
    agent('s', 'cpus:2;mem:64');
    recover(run()[0]);
    expect(offers()).toEqual(['f * s cpus:2; mem:64']);
    const task = from('cpus:1').allocate('*');
    allocator.recoverResources(
      { frameworkId: frameworkId('f'), agentId: agentId('s'), resources: task },
      nowMs,
    );
    expect(offers()).toEqual(['f * s cpus:1']);
  });

  test('are no more than what was held, however often they come back', () => {
    framework('f');
    agent('s', 'cpus:2;mem:64');
    const [offer] = run();
    recover(offer);
    recover(offer);
    expect(allocator.available(agentId('s'))?.toString()).toBe('cpus:2; mem:64');
    expect(allocator.share('*')).toBe(0);
  });

  test('of a framework that is gone, or an agent that is, disturb nothing [e4dbd72]', () => {
    framework('f');
    agent('s', 'cpus:2;mem:64');
    const [offer] = run();
    allocator.removeFramework(frameworkId('f'));
    expect(allocator.available(agentId('s'))?.isEmpty).toBe(true);
    recover(offer, 3600);
    expect(allocator.available(agentId('s'))?.toString()).toBe('cpus:2; mem:64');
    allocator.removeAgent(agentId('s'));
    recover(offer, 3600);
    expect(allocator.available(agentId('s'))).toBeUndefined();
  });

  test('of a framework that failed over stay its own [f228e9e]', () => {
    framework('f');
    agent('s', 'cpus:2;mem:64');
    run();
    allocator.deactivateFramework(frameworkId('f'));
    expect(allocator.share('*', frameworkId('f'))).toBe(1);
    allocator.activateFramework(frameworkId('f'));
    expect(run()).toEqual([]);
    expect(allocator.share('*', frameworkId('f'))).toBe(1);
  });
});

describe('after a failover of the master', () => {
  const used = new Map([[frameworkId('f'), from('cpus:1;mem:32').allocate('*')]]);

  test.each([
    ['framework', 'agent'],
    ['agent', 'framework'],
  ])('the %s may be back before the %s: what runs is counted once [3cb259e]', (first) => {
    if (first === 'framework') framework('f');
    agent('s', 'cpus:4;mem:64', { used });
    if (first === 'agent') framework('f');
    expect(allocator.share('*', frameworkId('f'))).toBe(0.5);
    expect(offers()).toEqual(['f * s cpus:3; mem:32']);
  });

  test('an agent that reports more than it has is not offered until that has ended', () => {
    framework('f');
    agent('s', 'cpus:0.5;mem:64', { used });
    expect(offers()).toEqual(['f * s mem:32']);
    expect(allocator.available(agentId('s'))?.isEmpty).toBe(true);
  });

  test('an agent added again brings its own account', () => {
    framework('f');
    agent('s', 'cpus:4;mem:64', { used });
    agent('s', 'cpus:2;mem:64');
    expect(allocator.share('*', frameworkId('f'))).toBe(0);
    expect(offers()).toEqual(['f * s cpus:2; mem:64']);
  });
});

describe('filters', () => {
  test('are dropped when the attributes of the agent change, not when it grows [bca54ea]', () => {
    framework('f');
    agent('s', 'cpus:1;mem:32', { attributes: attributes('rack:a') });
    recover(run()[0], 3600);
    expect(run()).toEqual([]);
    expect(allocator.updateAgent(agentId('s'), { attributes: attributes('rack:a') })).toBe(false);
    expect(run()).toEqual([]);
    expect(allocator.updateAgent(agentId('s'), { attributes: attributes('rack:b') })).toBe(true);
    expect(run()).toHaveLength(1);
  });

  test('are those of one framework: another is offered the same', () => {
    framework('f1');
    framework('f2');
    agent('s', 'cpus:1;mem:32');
    recover(run()[0], 3600);
    expect(offers()).toEqual(['f2 * s cpus:1; mem:32']);
  });

  test('last a year at most', () => {
    framework('f');
    agent('s', 'cpus:1;mem:32');
    recover(run()[0], Infinity);
    nowMs += 365 * 24 * 3_600_000 - 1_000;
    expect(run()).toEqual([]);
    expect(run()).toHaveLength(1);
  });

  test('hold for the next batch even if that comes late', () => {
    framework('f1');
    agent('s', 'cpus:1;mem:32');
    recover(run()[0], 0.1);
    nowMs += 60_000;
    expect(offers('s')).toEqual([]);
    expect(run()).toEqual([]);
    expect(run()).toHaveLength(1);
  });
});

describe('roles of a framework', () => {
  test('may change: new ones get offers, old ones keep their share until it is recovered', () => {
    framework('f', { roles: ['old'] });
    agent('s1', 'cpus:1;mem:32');
    const [offer] = run();
    allocator.updateFramework({ id: frameworkId('f'), roles: ['new'] });
    agent('s2', 'cpus:1;mem:32');
    expect(offers()).toEqual(['f new s2 cpus:1; mem:32']);
    expect(allocator.share('old')).toBe(0.5);
    recover(offer);
    expect(allocator.share('old')).toBe(0);
    expect(offers()).toEqual(['f new s1 cpus:1; mem:32']);
  });

  test('are removed with it, and weigh nothing then', () => {
    framework('f', { roles: ['r/a'] });
    agent('s', 'cpus:1;mem:32');
    run();
    allocator.removeFramework(frameworkId('f'));
    expect([allocator.share('r/a'), allocator.share('r')]).toEqual([0, 0]);
  });
});
