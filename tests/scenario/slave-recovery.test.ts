import { describe, expect, test } from '@jest/globals';
import { SlaveProcess } from '../../agent/slave-process.ts';
import { Cluster, type AgentMember } from '../../testing/cluster.ts';
import { ReregisterSlaveMessage, StatusUpdateMessage } from '../../proto/index.ts';
import { TEST_EXECUTOR } from '../../testing/test-executor.ts';
import { LASTING, PARTITION_AWARE, nextOffer, reach, runningTask } from '../support/stories.ts';

const CUSTOM = { executor: 'custom' };
const ACKNOWLEDGES_LATER = { framework: LASTING, implicitAcknowledgements: false };

describe('an agent that was killed and comes back', () => {
  test('sends again the update that its scheduler never acknowledged [9ddfbba]', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler } = await runningTask(cluster, {
      scheduler: ACKNOWLEDGES_LATER,
      until: 'TASK_STARTING',
    });
    const first = scheduler.latest('task');
    cluster.killAgent(agent);
    await cluster.sim.advance(1_000);
    await cluster.restartAgent(agent);
    await cluster.sim.until(() => scheduler.updates.length > 1, 60_000);
    expect(scheduler.latest('task')?.uuid).toEqual(first?.uuid);
  });

  test('takes its executor back, with the update sent while it was away [6d42e42]', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler } = await runningTask(cluster, {
      task: { ...CUSTOM, data: new TextEncoder().encode('finish:3') },
    });
    cluster.killAgent(agent);
    await cluster.sim.advance(5_000);
    await cluster.restartAgent(agent);
    await reach(cluster, scheduler, { task: 'TASK_FINISHED' });
    expect(scheduler.statesOf('task')).toEqual(['TASK_RUNNING', 'TASK_FINISHED']);
  });

  test('ends an executor that had not registered, and tells of its task [b698dbe]', async () => {
    const cluster = await Cluster.start();
    const agent = await cluster.agent();
    const { scheduler } = await cluster.scheduler({ framework: LASTING });
    scheduler.launch(await nextOffer(cluster, scheduler), 'task', CUSTOM);
    await cluster.sim.until(
      () => cluster.sim.logs.some(({ message }) => message === 'Starting an executor'),
      60_000,
    );
    await cluster.sim.advance(5);
    cluster.killAgent(agent);
    await cluster.restartAgent(agent);
    await cluster.sim.until(() => scheduler.updates.length > 0, 120_000);
    expect(['TASK_LOST', 'TASK_FAILED']).toContain(scheduler.latest('task')?.state);
  });

  test('tells of the task whose executor died meanwhile [6431e9f]', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler } = await runningTask(cluster, {
      task: { command: { value: 'sleep 3; exit 7' } },
    });
    cluster.killAgent(agent);
    await cluster.sim.advance(5_000);
    await cluster.restartAgent(agent);
    await reach(cluster, scheduler, { task: 'TASK_FAILED' });
    expect(scheduler.latest('task')?.message).toBe('Command exited with status 7');
  });

  test('tells of a command that ends after it was found to run, however slow the disk (T10)', async () => {
    const cluster = await Cluster.start();
    const { sim } = cluster;
    let exit = (): void => undefined;
    sim.programs.define('/bin/gated', (context) => (exit = () => context.exit(0)));
    const command = { shell: false, value: '/bin/gated', arguments: ['/bin/gated'] };
    const { agent, scheduler } = await runningTask(cluster, { task: { command } });
    await sim.advance(1_000);
    cluster.killAgent(agent);
    await cluster.restartAgent(agent);
    const { disk } = agent.machine;
    const usual = disk.latency;
    disk.onOperation = ({ path }) => {
      if (!path.endsWith('/status')) return;
      disk.onOperation = undefined;
      // It runs, as its files say. What the recovery looks at next takes longer than it takes to end.
      disk.latency = { minMs: 3_000, maxMs: 3_000 };
      sim.at(1, () => {
        disk.latency = usual;
        exit();
      });
    };
    await reach(cluster, scheduler, { task: 'TASK_FINISHED' });
  });

  test('does not take a task for the former one of its id, whose end was told', async () => {
    const cluster = await Cluster.start();
    const ends = { ...CUSTOM, data: new TextEncoder().encode('finish:3') };
    const { agent, scheduler } = await runningTask(cluster, { task: ends });
    await reach(cluster, scheduler, { task: 'TASK_FINISHED' });
    await cluster.sim.advance(1_000);
    const lost = cluster.mail.withhold(StatusUpdateMessage);
    scheduler.launch(await nextOffer(cluster, scheduler), 'task', ends);
    await cluster.sim.until(() => lost.bodies.length > 0, 60_000); // The executor has the task, then.
    cluster.killAgent(agent);
    lost.stop();
    await cluster.restartAgent(agent);
    const told = ['TASK_RUNNING', 'TASK_FINISHED'];
    await cluster.sim.until(() => scheduler.statesOf('task').length === 4, 60_000);
    expect(scheduler.statesOf('task')).toEqual([...told, ...told]);
  });

  test('records no second time where an executor that comes back listens', async () => {
    const cluster = await Cluster.start();
    const { agent } = await runningTask(cluster, { task: CUSTOM });
    await cluster.sim.advance(5_000);
    const written: string[] = [];
    agent.machine.disk.onOperation = ({ path }) => {
      if (path.endsWith('/libprocess.pid.tmp')) written.push(path);
    };
    cluster.killAgent(agent);
    await cluster.restartAgent(agent);
    await cluster.sim.until(
      () => cluster.sim.logs.some(({ message }) => message === 'Recovered'),
      60_000,
    );
    await cluster.sim.advance(5_000);
    expect(written).toEqual([]);
  });

  test('recovers from runs that are over, and later removes their files [abddc54]', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler } = await runningTask(cluster, {
      task: { command: { value: 'true' } },
      until: 'TASK_FINISHED',
      agent: { gcDelayMs: 3_600_000 },
    });
    await cluster.sim.advance(5_000);
    cluster.killAgent(agent);
    await cluster.restartAgent(agent, { gcDelayMs: 3_600_000 });
    await nextOffer(cluster, scheduler);
    const runs = async (): Promise<number> =>
      cluster.sim.complete(filesBelow(agent, '/var/lib/mesos/slaves', '/runs/'));
    expect(await runs()).toBeGreaterThan(0);
    await cluster.sim.advance(2 * 3_600_000);
    expect(await runs()).toBe(0);
  });

  test('removes sandboxes that no checkpoint tells of, too', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler } = await runningTask(cluster, {
      task: { command: { value: 'true' } },
      scheduler: { framework: { user: 'root', name: 'forgetful' } },
      until: 'TASK_FINISHED',
      agent: { gcDelayMs: 3_600_000 },
    });
    cluster.killAgent(agent);
    await cluster.restartAgent(agent);
    await nextOffer(cluster, scheduler);
    await cluster.sim.advance(2 * 3_600_000);
    const left = filesBelow(agent, '/var/lib/mesos/slaves', '/frameworks/');
    expect(await cluster.sim.complete(left)).toBe(0);
  });

  test('tells again that a task could not be handed over, as it was told before', async () => {
    const cluster = await Cluster.start();
    cluster.sim.programs.define(TEST_EXECUTOR, ({ exit }) => exit(1));
    const { agent, scheduler } = await runningTask(cluster, {
      scheduler: ACKNOWLEDGES_LATER,
      task: CUSTOM,
      until: 'TASK_FAILED',
    });
    const first = scheduler.latest('task');
    cluster.killAgent(agent);
    await cluster.restartAgent(agent);
    await cluster.sim.until(() => scheduler.updates.length > 1, 60_000);
    expect(scheduler.latest('task')?.uuid).toEqual(first?.uuid);
  });

  test('kills a task that ran through its restart, and offers what it held [dfa9321]', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler } = await runningTask(cluster, { task: { cpus: 4 } });
    cluster.killAgent(agent);
    await cluster.restartAgent(agent);
    await cluster.sim.advance(10_000);
    scheduler.offers.clear();
    scheduler.killTask('task');
    await reach(cluster, scheduler, { task: 'TASK_KILLED' });
    const offer = await nextOffer(cluster, scheduler);
    expect(offer.resources?.find(({ name }) => name === 'cpus')?.scalar?.value).toBe(4);
  });

  test('after a reboot reconnects to nothing, fails what ran, and keeps its id [5fdaaed]', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler, offer } = await runningTask(cluster);
    await cluster.sim.advance(15_000);
    cluster.sim.reboot(agent.machine);
    await cluster.restartAgent(agent);
    await reach(cluster, scheduler, { task: 'TASK_FAILED' });
    expect((await nextOffer(cluster, scheduler)).slave_id).toEqual(offer.slave_id);
  });

  test('kills what the scheduler wanted killed while it was away [f50c6a8]', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler } = await runningTask(cluster);
    cluster.killAgent(agent);
    await cluster.sim.advance(1_000);
    scheduler.killTask('task');
    await cluster.sim.advance(1_000);
    await cluster.restartAgent(agent);
    await reach(cluster, scheduler, { task: 'TASK_KILLED' });
  });

  test('is killable by a scheduler that took over meanwhile [06d3259]', async () => {
    const cluster = await Cluster.start();
    const { agent, member, scheduler } = await runningTask(cluster);
    cluster.killAgent(agent);
    cluster.sim.kill(member.process);
    const id = { value: scheduler.frameworkId ?? '' };
    const next = await cluster.scheduler({ framework: { ...LASTING, id } });
    await cluster.restartAgent(agent);
    await nextOffer(cluster, next.scheduler);
    next.scheduler.killTask('task');
    await reach(cluster, next.scheduler, { task: 'TASK_KILLED' });
  });

  test('brings its task to a master that took over meanwhile [6347ce9]', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler } = await runningTask(cluster);
    cluster.killAgent(agent);
    cluster.killMaster();
    await cluster.sim.advance(1_000);
    await cluster.startMaster();
    await cluster.restartAgent(agent);
    await nextOffer(cluster, scheduler);
    scheduler.killTask('task');
    await reach(cluster, scheduler, { task: 'TASK_KILLED' });
  });

  test('that forgot itself is a new one, and what it ran is lost [7a4d88c]', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler, offer } = await runningTask(cluster);
    const { disk } = agent.process.runtime;
    await cluster.sim.advance(60_000); // Until the journal no longer holds the link.
    await cluster.sim.complete(disk.unlink('/var/lib/mesos/meta/slaves/latest'));
    cluster.killAgent(agent);
    await cluster.restartAgent(agent);
    await reach(cluster, scheduler, { task: 'TASK_LOST' });
    expect((await nextOffer(cluster, scheduler)).slave_id).not.toEqual(offer.slave_id);
    await cluster.sim.advance(10_000);
    expect(programs(agent)).not.toContain('sleep'); // Nobody's task holds what is offered.
  });

  test('in cleanup mode ends what was left, and then itself, for good', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler, offer } = await runningTask(cluster);
    cluster.killAgent(agent);
    await cluster.restartAgent(agent, { recover: 'cleanup' });
    await cluster.sim.until(() => agent.agent.stopped.isReady, 60_000);
    expect(agent.agent.stopped.value).toBeUndefined();
    expect(programs(agent)).not.toContain('sleep');
    cluster.killAgent(agent);
    await cluster.restartAgent(agent);
    await reach(cluster, scheduler, { task: 'TASK_LOST' });
    expect((await nextOffer(cluster, scheduler)).slave_id).not.toEqual(offer.slave_id);
  });

  test('that is to leave while it recovers ends what was left, and registers no more', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler, offer } = await runningTask(cluster);
    cluster.killAgent(agent);
    await cluster.restartAgent(agent);
    const [actor] = [...agent.node.processes()].map(({ process }) => process).filter(isAgent);
    actor?.unregister();
    const reregistrations = cluster.mail.watch(ReregisterSlaveMessage);
    await cluster.sim.until(() => agent.agent.stopped.isReady, 60_000);
    expect(programs(agent)).not.toContain('sleep');
    expect(reregistrations).toEqual([]);
    cluster.killAgent(agent);
    await cluster.restartAgent(agent);
    await reach(cluster, scheduler, { task: 'TASK_LOST' });
    expect((await nextOffer(cluster, scheduler)).slave_id).not.toEqual(offer.slave_id);
  });

  test('answers pings while it waits for its executors [3d4d72a]', async () => {
    const cluster = await Cluster.start();
    const { agent, scheduler } = await runningTask(cluster, { task: CUSTOM });
    const { subprocesses } = agent.process.runtime;
    const executor = Math.max(...subprocesses.list().map(({ pid }) => pid));
    cluster.killAgent(agent);
    cluster.sim.boot(agent.machine).runtime.subprocesses.signal(executor, 'SIGSTOP');
    await cluster.restartAgent(agent, { executorReregistrationTimeoutMs: 200_000 });
    await cluster.sim.advance(190_000);
    expect(scheduler.lostAgents).toEqual([]);
    expect(scheduler.latest('task')?.state).toBe('TASK_RUNNING');
    await reach(cluster, scheduler, { task: 'TASK_LOST' });
    expect(scheduler.latest('task')?.reason).toBe('REASON_EXECUTOR_REREGISTRATION_TIMEOUT');
  });

  test('leaves nothing of an aware framework unsaid after a lost launch [6ddb81c]', async () => {
    const cluster = await Cluster.start();
    const agent = await cluster.agent();
    const { scheduler } = await cluster.scheduler({ framework: PARTITION_AWARE });
    const offer = await nextOffer(cluster, scheduler);
    cluster.killAgent(agent);
    scheduler.launch(offer, 'task');
    await cluster.sim.advance(20);
    await cluster.restartAgent(agent);
    await reach(cluster, scheduler, { task: 'TASK_DROPPED' });
  });
});

const isAgent = (process: unknown): process is SlaveProcess => process instanceof SlaveProcess;

/** What runs on the machine of an agent, by the names of the programs. */
function programs({ machine, process }: AgentMember): string[] {
  return process.runtime.subprocesses.list().flatMap(({ pid, state }) => {
    const argv = machine.processes.get(pid)?.image.argv ?? [];
    return state === 'Z' ? [] : argv.flatMap((word) => word.split(/[/ ]/));
  });
}

async function filesBelow(
  { process }: Pick<AgentMember, 'process'>,
  path: string,
  containing: string,
): Promise<number> {
  const { disk } = process.runtime;
  let count = 0;
  for (const { name, kind } of await disk.readDirectory(path)) {
    const child = `${path}/${name}`;
    if (child.includes(containing)) count += 1;
    if (kind === 'directory') count += await filesBelow({ process }, child, containing);
  }
  return count;
}
