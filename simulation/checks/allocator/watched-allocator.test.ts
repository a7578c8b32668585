import { describe, expect, test } from '@jest/globals';
import { agentId, frameworkId } from '../../../common/ids.ts';
import { Resources } from '../../../common/resources.ts';
import { SimRandom } from '../../../libprocess/sim/index.ts';
import type { Allocation } from '../../../master/allocator/allocator.ts';
import { HierarchicalAllocator } from '../../../master/allocator/hierarchical-allocator.ts';
import { WatchedAllocator } from './watched-allocator.ts';

const [RICH, POOR] = [frameworkId('rich'), frameworkId('poor')];
const from = (text: string): Resources => Resources.from(text);
const random = new SimRandom(0);

/** Says what it is told to say, instead of what would be right. */
class Mistaken extends HierarchicalAllocator {
  says: readonly Allocation[] | undefined;

  override allocate(run: Parameters<HierarchicalAllocator['allocate']>[0]): readonly Allocation[] {
    return this.says ?? super.allocate(run);
  }
}

function setUp() {
  const violations: string[] = [];
  const mistaken = new Mistaken();
  const violated = (id: string): void => void violations.push(id);
  const allocator = new WatchedAllocator(mistaken, { violated, onRun: () => undefined });
  for (const id of [RICH, POOR]) allocator.addFramework({ id, roles: ['*'] });
  const used = new Map([[RICH, from('cpus:4;mem:1000').allocate('*')]]);
  const total = from('cpus:4;mem:1000');
  allocator.addAgent({ id: agentId('full'), hostname: 'full', total, used });
  allocator.addAgent({ id: agentId('free'), hostname: 'free', total });
  const offer = (frameworkId_: Allocation['frameworkId'], resources = 'cpus:4;mem:1000') => ({
    frameworkId: frameworkId_,
    role: '*',
    agentId: agentId('free'),
    resources: from(resources).allocate('*'),
  });
  let nowMs = 0;
  const run = (says?: readonly Allocation[]): readonly string[] => {
    mistaken.says = says;
    allocator.allocate({ nowMs: (nowMs += 1_000), random });
    return violations.splice(0);
  };
  return { allocator, offer, run, nowMs: () => nowMs, violations };
}

describe('the checker of the allocator', () => {
  test('agrees with the one that there is', () => {
    expect(setUp().run()).toEqual([]);
  });

  test('sees that another one had its turn (A10)', () => {
    const { run, offer } = setUp();
    expect(run([offer(RICH)])).toEqual(['A10']);
  });

  test('sees what is kept from everybody (A14), unless they refused it', () => {
    const { allocator, run, offer, nowMs } = setUp();
    expect(run([])).toContain('A14');
    run([offer(POOR)]);
    allocator.recoverResources({ ...offer(POOR), filters: { refuse_seconds: 60 } }, nowMs());
    allocator.suppressOffers(RICH, []);
    expect(run([])).toEqual([]);
  });

  test('sees what was refused (A8), or is not wanted at all (A9)', () => {
    const { allocator, run, offer, nowMs } = setUp();
    run([offer(POOR)]);
    allocator.recoverResources({ ...offer(POOR), filters: { refuse_seconds: 60 } }, nowMs());
    expect(run([offer(POOR)])).toContain('A8');
    allocator.recoverResources(offer(POOR), nowMs());
    allocator.suppressOffers(POOR, []);
    expect(run([offer(POOR)])).toContain('A9');
  });

  test('sees what is offered twice (A1), and what is given back twice (T8)', () => {
    const { allocator, run, offer, nowMs, violations } = setUp();
    expect(run([offer(POOR), offer(POOR, 'cpus:1')])).toEqual(['A1']);
    allocator.recoverResources(offer(POOR), nowMs());
    allocator.recoverResources(offer(POOR), nowMs());
    expect(violations).toEqual(['T8']);
  });

  test('sees offers of and to those who take no part (A11)', () => {
    const { allocator, run, offer } = setUp();
    allocator.deactivateFramework(POOR);
    expect(run([offer(POOR)])).toEqual(['A11']);
    allocator.deactivateAgent(agentId('free'));
    expect(run([offer(RICH)])).toEqual(['A11']);
  });
});
