import { describe, expect, test } from '@jest/globals';
import { Cluster } from '../../testing/cluster.ts';
import type { TaskState, TaskStatus } from '../../proto/index.ts';
import { Deeds } from '../deeds.ts';
import { InstanceOracle } from './instance-oracle.ts';
import { checkService } from './service-checks.ts';
import type { Launch } from './service-ledger.ts';
import { ServiceMember } from './service-member.ts';
import type { ServicePlan } from './service-plan.ts';

const PLAN: ServicePlan = {
  name: 'service',
  aware: true,
  role: '*',
  instances: 1,
  executor: 'command',
  manners: [],
  fate: 'stays',
  failoverSeconds: 7_200,
  checkpoint: true,
};

const launch = (statuses: readonly TaskStatus[], acknowledged: readonly string[] = []): Launch => ({
  token: 'service:1',
  taskId: 'service:1',
  agentId: 'S0',
  executorId: undefined,
  atMs: 0,
  offerId: 'O1',
  use: 'wanted',
  lasts: true,
  statuses: [...statuses],
  acknowledged: new Set(acknowledged),
  killed: false,
  answered: false,
});

const status = (state: TaskState, uuid?: number): TaskStatus => ({
  task_id: { value: 'service:1' },
  state,
  ...(uuid !== undefined && { uuid: Uint8Array.of(uuid) }),
});

/** What the checks say of a framework with these launches. */
async function verdict(launches: readonly Launch[]): Promise<string> {
  const cluster = await Cluster.start();
  const member = new ServiceMember(cluster, PLAN, () => undefined);
  member.record.launches.push(...launches);
  try {
    checkService(member, { oracle: new InstanceOracle(cluster, new Deeds()), deeds: new Deeds() });
    return 'all held';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('the checks of services', () => {
  test('take a life that was told and acknowledged step by step', async () => {
    const life = [
      status('TASK_STARTING', 1),
      status('TASK_STARTING', 1),
      status('TASK_RUNNING', 2),
      status('TASK_RUNNING'),
      status('TASK_FINISHED', 3),
    ];
    expect(await verdict([launch(life, ['01', '02', '03'])])).toBe('all held');
  });

  test('find the next update before the last was acknowledged', async () => {
    const life = [status('TASK_STARTING', 1), status('TASK_RUNNING', 2)];
    expect(await verdict([launch(life)])).toMatch(/^U3: .* before the last was acknowledged/);
  });

  test('find an update that comes again after a later one', async () => {
    const life = [
      status('TASK_STARTING', 1),
      status('TASK_RUNNING', 2),
      status('TASK_STARTING', 1),
    ];
    expect(await verdict([launch(life, ['01', '02'])])).toMatch(/^U5: /);
  });

  test('find a task that runs again after its end', async () => {
    const life = [status('TASK_KILLED', 1), status('TASK_RUNNING', 2)];
    expect(await verdict([launch(life, ['01'])])).toMatch(/^T4: /);
  });

  test('find an answer about a task that never was', async () => {
    const cluster = await Cluster.start();
    const member = new ServiceMember(cluster, PLAN, () => undefined);
    member.record.note({ task_id: { value: 'nobody' }, state: 'TASK_RUNNING' }, 0);
    const facts = { oracle: new InstanceOracle(cluster, new Deeds()), deeds: new Deeds() };
    expect(() => {
      checkService(member, facts);
    }).toThrow("M12: 'nobody' never was, and is TASK_RUNNING");
  });
});
