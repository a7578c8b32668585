import { describe, expect, test } from '@jest/globals';
import { Resources } from '../../common/resources.ts';
import type { UUID } from '../../proto/index.ts';
import type { FakeAgent } from '../support/fake-agent.ts';
import { commandTask, MasterCluster, type Member } from '../support/master-cluster.ts';

const uuid = (ordinal: number): UUID => ({ value: new Uint8Array(16).fill(ordinal) });

const register = ({ actor }: Member<FakeAgent>, run: number): void =>
  actor.register({}, { resource_version_uuid: uuid(run) });

/** That the master launches for the second run, on what this one has. */
async function expectSecondRun(cluster: MasterCluster, second: Member<FakeAgent>): Promise<void> {
  const { actor } = await cluster.scheduler();
  await cluster.until(() => actor.offers.length > 0);
  const offered = Resources.fromProtobuf(actor.offers[0]?.resources).unallocate();
  expect(offered.toString()).toBe('cpus:8; mem:2048');
  actor.launch([commandTask('t', second.actor.agentId)]);
  await cluster.until(() => second.actor.runs.length > 0);
  expect(second.actor.runs[0]?.resource_version_uuids).toEqual([{ uuid: uuid(2) }]);
}

const FIRST = { resources: 'cpus:8;mem:1024' };
const SECOND = { resources: 'cpus:8;mem:2048' };

describe('an agent that starts anew while the registry is slow', () => {
  test('and reregisters is known to the new master as it is now [362ff82]', async () => {
    const cluster = await MasterCluster.start();
    const agent = await cluster.agent();
    await cluster.failOver();
    cluster.kill(agent);
    const first = await cluster.restartAgent(agent, FIRST);
    cluster.registry.hold();
    first.actor.reregister({ resource_version_uuid: uuid(1) });
    await cluster.sim.advance(1_000);
    cluster.kill(first);
    const second = await cluster.restartAgent(agent, SECOND);
    second.actor.reregister({ resource_version_uuid: uuid(2) });
    await cluster.sim.advance(1_000);
    cluster.registry.release();
    await cluster.until(() => second.actor.reregistrations.length > 0);
    await expectSecondRun(cluster, second);
  });

  test('and never had an id gets one of its own', async () => {
    const cluster = await MasterCluster.start();
    const first = await cluster.unregisteredAgent(FIRST);
    cluster.registry.hold();
    register(first, 1);
    await cluster.sim.advance(1_000);
    cluster.kill(first);
    const second = await cluster.restartAgent(first, SECOND);
    register(second, 2);
    await cluster.sim.advance(1_000);
    cluster.registry.release();
    await cluster.until(() => second.actor.agentId !== undefined);
    await expectSecondRun(cluster, second);
    expect([...cluster.registry.admitted.keys()]).toEqual([second.actor.agentId]);
  });

  test('and forgot its id before the master has lost sight of it is another agent', async () => {
    const cluster = await MasterCluster.start();
    const agent = await cluster.unregisteredAgent();
    register(agent, 1);
    await cluster.until(() => agent.actor.registrations.length === 1);
    agent.actor.agentId = undefined;
    register(agent, 2);
    await cluster.until(() => agent.actor.registrations.length === 2);
    const [first, second] = agent.actor.registrations.map(({ slave_id }) => slave_id.value);
    expect(second).not.toBe(first);
    await cluster.until(() => cluster.registry.admitted.size === 1);
    expect([...cluster.registry.admitted.keys()]).toEqual([second]);
  });
});
