import { describe, expect, test } from '@jest/globals';
import { Resources } from '../common/resources.ts';
import { ExecutorProcess } from '../executor/index.ts';
import { SchedulerProcess } from '../scheduler-driver/index.ts';
import {
  scheduler,
  type FrameworkInfo,
  type Offer,
  type TaskInfo,
  type TaskStatus,
} from '../proto/index.ts';
import { testCluster, TestClusterError, type TestCluster } from './index.ts';

const NEEDED = Resources.from('cpus:1;mem:128');

/** Runs one task after the other, each on the first offer that has room. */
class Batch extends SchedulerProcess {
  readonly waiting: Partial<TaskInfo>[];
  readonly statuses: TaskStatus[] = [];
  registrations = 0;

  constructor(
    master: string,
    tasks: readonly Partial<TaskInfo>[],
    info: Partial<FrameworkInfo> = {},
  ) {
    super({
      master,
      framework: { user: '', name: 'batch', checkpoint: true, failover_timeout: 3_600, ...info },
    });
    this.waiting = tasks.map((each, index) => ({ name: String(index), ...each }));
  }

  get finished(): number {
    return this.statuses.filter(({ state }) => state === 'TASK_FINISHED').length;
  }

  protected override registered(): void {
    this.registrations += 1;
  }
  protected override reregistered(): void {
    this.registrations += 1;
  }

  protected override resourceOffers(offers: readonly Offer[]): void {
    for (const { id, slave_id } of offers) {
      const next = this.waiting.shift();
      const tasks = next ? [task(next, slave_id)] : [];
      this.launchTasks(id.value, tasks, { refuse_seconds: 1 });
    }
  }

  protected override statusUpdate(status: TaskStatus): void {
    this.statuses.push(status);
  }
}

const task = (given: Partial<TaskInfo>, slave_id: TaskInfo['slave_id']): TaskInfo => ({
  name: 'task',
  task_id: { value: `task-${given.name ?? '0'}` },
  slave_id,
  resources: NEEDED.toProtobuf(),
  ...given,
});

const shell = (value: string): Partial<TaskInfo> => ({ command: { value } });

/** Says that a task runs, and with `end` in its data also that it is over. */
class Echo extends ExecutorProcess {
  protected override launchTask({ task_id, data }: TaskInfo): void {
    this.sendStatusUpdate({ task_id, state: 'TASK_RUNNING' });
    this.delay(2_000, () => {
      this.sendStatusUpdate({ task_id, state: 'TASK_FINISHED', ...(data && { data }) });
    });
  }
}

/** Throws when it is offered something. */
class Faulty extends Batch {
  protected override resourceOffers(): void {
    throw new RangeError('off by one');
  }
}

const batchOn = (cluster: TestCluster, ...commands: string[]): Promise<Batch> =>
  cluster.run(new Batch(cluster.masterAddress, commands.map(shell)));

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a cluster for tests', () => {
  test('starts with its agents registered, as its options say', async () => {
    await using cluster = await testCluster({
      agents: [{ resources: 'cpus:2;mem:512' }, { attributes: 'rack:r1' }],
      master: { agentPingTimeoutMs: 1_000, maxAgentPingTimeouts: 2 },
    });
    const byName = new Map(cluster.state().agents.map((agent) => [agent.hostname, agent]));
    expect(byName.get('agent-1')).toMatchObject({ active: true, resources: { cpus: 2, mem: 512 } });
    expect(byName.get('agent-2')).toMatchObject({ active: true, attributes: { rack: 'r1' } });
    expect(await cluster.master.get('/flags')).toMatchObject({
      flags: { agent_ping_timeout: '1secs' },
    });
  });

  test('runs the commands of a framework, in the time that they take', async () => {
    await using cluster = await testCluster({ agents: 2, seed: 1 });
    const batch = await batchOn(cluster, 'exit 0', 'sleep 30', 'exit 3');
    const beganMs = cluster.nowMs;
    await cluster.until(() => batch.statuses.some(({ state }) => state === 'TASK_FAILED'));
    expect(cluster.nowMs - beganMs).toBeLessThan(10_000);
    await cluster.until(() => batch.finished === 2);
    expect(cluster.nowMs - beganMs).toBeGreaterThan(30_000);
    const states = cluster.state().tasks.map(({ state }) => state);
    expect(states.sort()).toEqual(['TASK_FAILED', 'TASK_FINISHED', 'TASK_FINISHED']);
  });

  test.each([
    ['false; true', 'TASK_FINISHED'],
    ['false && exit 0', 'TASK_FAILED'],
    ['true && exit 0', 'TASK_FINISHED'],
    ['square 3 && exit 0', 'TASK_FINISHED'],
    ['square 4; exit 0', 'TASK_FINISHED'],
    ['square 4 && exit 0', 'TASK_FAILED'],
    ['missing; exit 0', 'TASK_FINISHED'],
    ['exec missing', 'TASK_FAILED'],
  ])('the shell of its machines: %s is %s', async (command, state) => {
    await using cluster = await testCluster();
    cluster.program('/usr/local/bin/square', ({ argv, exit }) => {
      exit(argv[1] === '3' ? 0 : 1);
    });
    const batch = await batchOn(cluster, command);
    await cluster.until(() => batch.statuses.length === 3);
    expect(batch.statuses.at(-1)?.state).toBe(state);
  });

  test('is the same again with the same seed, and another with another', async () => {
    const hashOf = async (seed: number): Promise<string> => {
      await using cluster = await testCluster({ agents: 2, seed });
      const batch = await batchOn(cluster, 'sleep 3', 'sleep 1');
      await cluster.until(() => batch.finished === 2);
      return cluster.sim.trace.hash;
    };
    const first = await hashOf(7);
    expect(await hashOf(7)).toBe(first);
    expect(await hashOf(8)).not.toBe(first);
  });

  test('leaves the real clock, timers and randomness to the test', async () => {
    const before = [Date.now, setTimeout, setImmediate, Math.random, fetch, process.nextTick];
    await using cluster = await testCluster();
    await cluster.advance('1mins');
    expect([Date.now, setTimeout, setImmediate, Math.random, fetch, process.nextTick]).toEqual(
      before,
    );
  });

  test('keeps pace with the real clock if its time is not virtual', async () => {
    await using cluster = await testCluster({ virtualTime: false });
    const [beganMs, realBeganMs] = [cluster.nowMs, performance.now()];
    await cluster.advance('30ms');
    expect(performance.now() - realBeganMs).toBeGreaterThanOrEqual(30);
    expect(cluster.nowMs - beganMs).toBe(30);
  });

  test('runs custom executors as programs', async () => {
    await using cluster = await testCluster();
    cluster.executor('/bin/echo-executor', () => new Echo());
    const executor = {
      executor_id: { value: 'echo' },
      command: { shell: false, value: '/bin/echo-executor' },
      resources: Resources.from('cpus:0.1;mem:32').toProtobuf(),
    };
    const data = new TextEncoder().encode('hello');
    const batch = await cluster.run(new Batch(cluster.masterAddress, [{ executor, data }]));
    using lost = cluster.drop('StatusUpdateAcknowledgementMessage', { count: 1 });
    await cluster.until(() => batch.finished === 1);
    expect(batch.statuses.at(-1)?.data).toEqual(data);
    expect(lost.bodies).toHaveLength(1);
  });
});

describe('agents and masters of a cluster for tests', () => {
  test('tasks outlive the kill of their agent, and are told of after its restart', async () => {
    await using cluster = await testCluster();
    const batch = await batchOn(cluster, 'sleep 20');
    await cluster.until(() => batch.statuses.some(({ state }) => state === 'TASK_RUNNING'));
    const agent = cluster.agent(0);
    const { id } = agent;
    agent.kill();
    await cluster.advance('30secs');
    expect(agent).toMatchObject({ running: false, active: false });
    expect(batch.finished).toBe(0);
    await agent.restart();
    await cluster.until(() => batch.finished === 1);
    expect(agent).toMatchObject({ running: true, active: true, id });
  });

  test.each(['stop', 'reboot'] as const)('agents come back after a %s', async (way) => {
    await using cluster = await testCluster();
    const agent = cluster.agent('agent-1');
    await agent[way]();
    if (way === 'stop') await agent.restart();
    await cluster.until(() => agent.active);
    expect(cluster.agent(agent.id ?? '')).toBe(agent);
  });

  test('tasks are lost with the power of their machine', async () => {
    await using cluster = await testCluster();
    const batch = await batchOn(cluster, 'sleep 60');
    await cluster.until(() => batch.statuses.some(({ state }) => state === 'TASK_RUNNING'));
    await cluster.agent(0).reboot();
    await cluster.until(() => batch.statuses.at(-1)?.state !== 'TASK_RUNNING');
    expect(batch.statuses.at(-1)?.state).toBe('TASK_FAILED');
  });

  test('all come back to a master that was killed', async () => {
    await using cluster = await testCluster({ agents: 2 });
    const batch = await batchOn(cluster, 'sleep 60');
    cluster.master.kill();
    await cluster.advance('5secs');
    expect(() => cluster.state()).toThrow(/the master does not run \(killed at /);
    await cluster.master.restart();
    await cluster.until(() => batch.registrations === 2);
    await cluster.until(() => cluster.agents.every(({ active }) => active));
    expect(cluster.state().frameworks).toMatchObject([{ name: 'batch', active: true }]);
  });

  test('a scheduler takes over from one that was killed', async () => {
    await using cluster = await testCluster();
    const first = await batchOn(cluster, 'sleep 20');
    await cluster.until(() => first.statuses.some(({ state }) => state === 'TASK_RUNNING'));
    cluster.hostOf(first).kill();
    const id = { value: first.frameworkId ?? '' };
    const second = await cluster.run(new Batch(cluster.masterAddress, [], { id }));
    await cluster.until(() => second.finished === 1);
    expect(cluster.state().frameworks).toMatchObject([{ id: id.value, connected: true }]);
  });

  test('a host that is cut off is unreachable until it is healed', async () => {
    await using cluster = await testCluster({ agents: 2 });
    const [one, two] = [cluster.agent(0), cluster.agent(1)];
    const { id } = one;
    one.partition();
    cluster.partition([two], [cluster.master], { oneWay: true });
    await cluster.until(() => !one.active && !two.active);
    two.heal();
    await cluster.until(() => two.active);
    await cluster.advance('2mins');
    expect(one.active).toBe(false);
    cluster.heal();
    await cluster.until(() => one.active);
    expect(one.id).toBe(id);
  });
});

describe('messages of a cluster for tests', () => {
  test('those dropped are lost on the way that is named, and sent again', async () => {
    await using cluster = await testCluster();
    const { master } = cluster;
    const batch = await batchOn(cluster, 'exit 0');
    const updates = cluster.watch('StatusUpdateMessage', { to: master });
    using lost = cluster.drop('StatusUpdateMessage', {
      from: master,
      count: 1,
      when: ({ update }) => update.status.state === 'TASK_FINISHED',
    });
    await cluster.until(() => lost.bodies.length === 1);
    expect(batch.finished).toBe(0);
    await cluster.until(() => batch.finished === 1);
    const finished = updates.filter(({ update }) => update.status.state === 'TASK_FINISHED');
    expect(finished).toHaveLength(2);
  });

  test('those of packages are named by their type', async () => {
    await using cluster = await testCluster();
    const acknowledged = cluster.watch(scheduler.Call, {
      when: ({ type }) => type === 'ACKNOWLEDGE',
    });
    const batch = await batchOn(cluster, 'exit 0');
    await cluster.until(() => batch.finished === 1 && acknowledged.length === 3);
  });

  test('those withheld arrive when they are released', async () => {
    await using cluster = await testCluster();
    const batch = await batchOn(cluster, 'exit 0');
    const late = cluster.drop('StatusUpdateMessage', { from: cluster.master });
    await cluster.until(() => late.bodies.length > 0);
    late.release();
    await cluster.until(() => batch.finished === 1);
  });
});

describe('a cluster for tests that is asked for what cannot be', () => {
  test('says what it saw when it waited in vain', async () => {
    await using cluster = await testCluster({ agents: 2, seed: 3 });
    const batch = await batchOn(cluster, 'sleep 1000');
    cluster.agent(1).kill();
    const waited = cluster.until(() => batch.finished > 0, { within: '20secs', what: 'it ends' });
    const error = await failure(waited);
    expect(error).toBeInstanceOf(TestClusterError);
    expect(error).toMatchObject({ code: 'NEVER' });
    const { message } = error as TestClusterError;
    expect(message).toMatch(/^Waited 20secs in vain until it ends\nSeed 3, 2\d\.\d{3} s after/);
    expect(message).toMatch(/agent-2 does not run: killed at /);
    expect(message).toMatch(/Framework batch: active, holds \d offers, tasks: 1 TASK_/);
    expect(message).toMatch(/\d s {2}master → framework-1: ResourceOffersMessage/);
  });

  test('throws what a handler of the framework throws', async () => {
    await using cluster = await testCluster();
    const offered = cluster
      .run(new Faulty(cluster.masterAddress, []))
      .then(() => cluster.advance('5secs'));
    expect(await failure(offered)).toEqual(new RangeError('off by one'));
    await cluster.advance('5secs');
  });

  test('says that a framework went to another master', async () => {
    await using cluster = await testCluster();
    const lost = cluster.run(new Batch('10.9.9.9:5050', []), { within: '20secs' });
    await expect(lost).rejects.toThrow(
      /^'framework-1' has not registered in 20secs: the master got 0 messages of it; was it given cluster.masterAddress, 10\.0\.0\.1:5050\?/,
    );
  });

  test('says why a framework was refused', async () => {
    await using cluster = await testCluster();
    const refused = cluster.run(new Batch(cluster.masterAddress, [], { role: '/bad' }));
    const error = await failure(refused);
    expect(error).toMatchObject({ code: 'ABORTED' });
    expect((error as TestClusterError).message).toMatch(/^'framework-1' has aborted: .*\/bad/);
  });

  test('refuses what its state does not allow', async () => {
    const cluster = await testCluster();
    const [agent] = cluster.agents;
    if (!agent) throw new Error('There is an agent');
    expect(() => cluster.agent('agent-7')).toThrow("No agent 'agent-7': there are agent-1");
    await expect(cluster.addAgent({ resources: 'cpus:x' })).rejects.toThrow('--resources');
    expect(await cluster.addAgent()).toMatchObject({ name: 'agent-3', active: true });
    await expect(agent.restart()).rejects.toThrow("Failed to restart 'agent-1': it runs");
    agent.kill();
    expect(() => {
      agent.kill();
    }).toThrow(/^Failed to kill 'agent-1': it does not run \(killed at /);
    expect(() => cluster.drop('StatusUpdateMesage' as 'StatusUpdateMessage')).toThrow(
      "No message is called 'StatusUpdateMesage': did you mean 'StatusUpdateMessage'?",
    );
    await expect(cluster.advance('10 secs')).rejects.toThrow(/duration/);
    await expect(cluster.advance(-1)).rejects.toThrow('time goes forward');
    const early = cluster.advance('1secs');
    await expect(cluster.advance('1secs')).rejects.toThrow("'advance' is under way");
    await early;
    await cluster.close();
    await cluster.close();
    const closed = 'Failed to advance: the cluster has been closed';
    await expect(cluster.advance('1secs')).rejects.toThrow(closed);
    await expect(testCluster({ agents: -1 })).rejects.toThrow('Invalid number of agents: -1');
  });

  test('wakes who waits when it is closed', async () => {
    const cluster = await testCluster();
    const waiting = cluster.advance('100days');
    await cluster.close();
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
