import { describe, expect, test } from '@jest/globals';
import { Resources } from '../../common/resources.ts';
import { commandTask, executorTask, MasterCluster } from '../support/master-cluster.ts';

describe('a master between an agent and a framework', () => {
  test('launches a task and passes its updates and their acknowledgements on [f4572bf]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    scheduler.actor.launch([commandTask('t', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length > 0);
    const [run] = agent.actor.runs;
    expect(run?.framework.id?.value).toBe(scheduler.actor.frameworkId);
    expect(run?.pid).toBe(scheduler.actor.self.toString());
    expect(run?.launch_executor).toBe(true);
    expect(run?.task.task_id.value).toBe('t');

    agent.actor.update('t', 'TASK_RUNNING');
    await cluster.until(() => scheduler.actor.updates.length > 0);
    expect(scheduler.actor.statesOf('t')).toEqual(['TASK_RUNNING']);
    expect(scheduler.actor.updates[0]?.pid).toBe(agent.actor.self.toString());

    scheduler.actor.acknowledge();
    await cluster.until(() => agent.actor.acknowledgements.length > 0);
    expect(agent.actor.acknowledgements[0]?.task_id.value).toBe('t');
  });

  test('starts one executor for the tasks that name it', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair();
    const { agentId } = agent.actor;
    scheduler.actor.launch([executorTask('a', agentId), executorTask('b', agentId)]);
    await cluster.until(() => agent.actor.runs.length === 2);
    expect(agent.actor.runs.map(({ launch_executor }) => launch_executor)).toEqual([true, false]);
  });

  test('offers what a task, and then its executor, gives back [2cd92bf]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair({}, { resources: 'cpus:2;mem:1024' });
    scheduler.actor.launch([executorTask('t', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length > 0);
    await cluster.until(() => scheduler.actor.offers.length === 2);
    const offered = (index: number): Resources =>
      Resources.fromProtobuf(scheduler.actor.offers[index]?.resources).unallocate();
    expect(offered(1).equals(Resources.from('cpus:0.9;mem:864'))).toBe(true);

    scheduler.actor.decline(undefined, { refuse_seconds: 0 });
    agent.actor.update('t', 'TASK_FINISHED');
    await cluster.until(() => scheduler.actor.offers.length === 3);
    expect(offered(2).equals(Resources.from('cpus:1.9;mem:992'))).toBe(true);

    scheduler.actor.decline(undefined, { refuse_seconds: 0 });
    agent.actor.executorExited(scheduler.actor.frameworkId ?? '', 'executor-1', 3);
    await cluster.until(() => scheduler.actor.offers.length === 4);
    expect(offered(3).equals(Resources.from('cpus:2;mem:1024'))).toBe(true);
    expect(scheduler.actor.exitedExecutors.map(({ status }) => status)).toEqual([3]);
  });
});
