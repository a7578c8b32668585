import { describe, expect, test } from '@jest/globals';
import type { FakeAgent } from '../support/fake-agent.ts';
import type { FakeScheduler } from '../support/fake-scheduler.ts';
import { commandTask, MasterCluster, runningTask, type Member } from '../support/master-cluster.ts';

const MINUTE_MS = 60_000;
/** From the last answered ping to the report, at most. */
const SILENT_MS_MAX = 6 * 15_000;
const AGENTS = 3;

interface Limited {
  readonly cluster: MasterCluster;
  readonly agents: readonly Member<FakeAgent>[];
  readonly scheduler: Member<FakeScheduler>;
}

/** One removal in twenty minutes, and all agents have just fallen silent. */
async function limited(): Promise<Limited> {
  const cluster = await MasterCluster.start({
    agentRemovalRateLimit: { permits: 1, perMs: 20 * MINUTE_MS },
  });
  const agents: Member<FakeAgent>[] = [];
  for (let count = 0; count < AGENTS; count += 1) agents.push(await cluster.agent());
  const scheduler = await cluster.scheduler();
  for (const { actor } of agents) actor.answering = false;
  return { cluster, agents, scheduler };
}

describe('a master that may remove one agent in twenty minutes', () => {
  test('removes those that fell silent one by one [514e6d2]', async () => {
    const { cluster, scheduler } = await limited();
    const { lostAgents } = scheduler.actor;
    await cluster.sim.advance(SILENT_MS_MAX);
    for (let removed = 1; removed <= AGENTS; removed += 1) {
      expect(lostAgents).toHaveLength(removed);
      expect(cluster.registry.unreachable.size).toBe(removed);
      await cluster.sim.advance(18 * MINUTE_MS);
      expect(lostAgents).toHaveLength(removed);
      await cluster.sim.advance(2 * MINUTE_MS);
    }
  });

  test('lets off one that answers while it waits for its turn [5664dcd]', async () => {
    const { cluster, agents, scheduler } = await limited();
    const { lostAgents } = scheduler.actor;
    await cluster.sim.advance(SILENT_MS_MAX);
    const waiting = agents.filter(({ actor }) => !lostAgents.includes(actor.agentId ?? ''));
    const [answers, stays] = waiting;
    if (answers) answers.actor.answering = true;
    await cluster.sim.advance(60 * MINUTE_MS);
    expect(lostAgents).toHaveLength(2);
    expect(lostAgents).toContain(stays?.actor.agentId);
    expect(lostAgents).not.toContain(answers?.actor.agentId);
    const metrics = await cluster.sim.complete(cluster.node.metrics.snapshot());
    expect(Object.fromEntries(metrics)).toMatchObject({
      'master/slave_unreachable_scheduled': AGENTS,
      'master/slave_unreachable_canceled': 1,
      'master/slave_unreachable_completed': 2,
    });
  });
});

describe('an unreachable agent', () => {
  test('is known as such to the next master too, and comes back with its tasks [f6b5d9e]', async () => {
    const cluster = await MasterCluster.start();
    const { scheduler, agent } = await cluster.pair({ capabilities: ['PARTITION_AWARE'] });
    scheduler.actor.launch([commandTask('t', agent.actor.agentId)]);
    await cluster.until(() => agent.actor.runs.length > 0);
    agent.actor.answering = false;
    await cluster.sim.advance(SILENT_MS_MAX);
    const id = agent.actor.agentId ?? '';
    expect([...cluster.registry.unreachable.keys()]).toEqual([id]);

    await cluster.failOver();
    scheduler.actor.subscribe();
    await cluster.until(() => scheduler.actor.registrations.length === 2);
    agent.actor.answering = true;
    cluster.registry.hold();
    agent.actor.reregister({ tasks: [runningTask(agent.actor.runs[0])] });
    await cluster.sim.advance(5_000);
    expect(agent.actor.reregistrations).toEqual([]);
    cluster.registry.release();
    await cluster.until(() => scheduler.actor.statesOf('t').includes('TASK_RUNNING'));
    expect(scheduler.actor.statuses.at(-1)?.reason).toBe('REASON_SLAVE_REREGISTERED');
    expect([...cluster.registry.admitted.keys()]).toEqual([id]);
    expect([...cluster.registry.unreachable.keys()]).toEqual([]);
    expect(agent.actor.kills).toEqual([]);
  });
});
