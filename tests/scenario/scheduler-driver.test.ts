import { describe, expect, test } from '@jest/globals';
import { StandaloneDetector } from '../../common/detector.ts';
import {
  FrameworkRegisteredMessage,
  FrameworkReregisteredMessage,
  LostSlaveMessage,
  type Offer,
} from '../../proto/index.ts';
import { Cluster } from '../../testing/cluster.ts';
import { TestScheduler } from '../../testing/test-scheduler.ts';
import { LASTING, PARTITION_AWARE, nextOffer, runningTask } from '../support/stories.ts';

describe('a scheduler without its master', () => {
  test.each([
    ['unaware of partitions', LASTING, 'TASK_LOST' as const],
    ['aware of them', PARTITION_AWARE, 'TASK_DROPPED' as const],
  ])(
    'is told by its own driver that its launches came to nothing: %s [0007b4b]',
    async (_case, framework, state) => {
      const cluster = await Cluster.start();
      await cluster.agent();
      const { scheduler } = await cluster.scheduler({ framework });
      const offer = await nextOffer(cluster, scheduler);
      cluster.killMaster();
      await cluster.sim.until(() => scheduler.disconnections > 0, 60_000);
      scheduler.launch(offer, 'task');
      expect(scheduler.updates).toEqual([]); // Never within the call.
      await cluster.sim.settle();
      expect(scheduler.updates).toMatchObject([
        { state, source: 'SOURCE_MASTER', reason: 'REASON_MASTER_DISCONNECTED' },
      ]);
      expect(scheduler.latest('task')?.uuid).toBeUndefined();
    },
  );

  test('hears of it once, and again when another is found, though it never was away [f9edbc5]', async () => {
    const cluster = await Cluster.start();
    const detector = new StandaloneDetector(cluster.master);
    const { scheduler } = await cluster.scheduler({ framework: LASTING, master: detector });
    detector.appoint(undefined);
    await cluster.sim.advance(60_000);
    expect([scheduler.disconnections, scheduler.registrations]).toEqual([1, 1]);
    detector.appoint(cluster.master);
    await cluster.sim.until(() => scheduler.registrations === 2, 60_000);
    expect(scheduler.disconnections).toBe(1);
  });
});

describe('a scheduler whose connection breaks again and again', () => {
  test('is offered resources also if it broke before the first answer', async () => {
    const cluster = await Cluster.start();
    await cluster.agent();
    const { sim, mail } = cluster;
    const loseConnections = () => {
      for (const link of sim.network.links()) link.reset();
      return true;
    };
    const lost = mail.withhold(FrameworkRegisteredMessage, { count: 1, when: loseConnections });
    const { scheduler } = await cluster.scheduler({ framework: LASTING });
    expect(scheduler.frameworkId).toBe(lost.bodies[0]?.framework_id.value);
    expect(await nextOffer(cluster, scheduler)).toBeDefined();
  });

  test('watches over the master also if its answer came after the connection had broken', async () => {
    const cluster = await Cluster.start();
    const { sim, mail } = cluster;
    const registrationBackoffFactorMs = 60_000;
    const { scheduler } = await cluster.scheduler({
      framework: LASTING,
      registrationBackoffFactorMs,
    });
    const loseConnections = async () => {
      for (const link of sim.network.links()) link.reset();
      await sim.advance(1_000);
    };
    const late = mail.withhold(FrameworkReregisteredMessage);
    await loseConnections();
    await sim.until(() => late.bodies.length === 1, 60_000);
    await loseConnections();
    expect([scheduler.registrations, scheduler.disconnections]).toEqual([1, 1]);
    late.release();
    await sim.advance(1_000);
    expect(scheduler.registrations).toBe(2);
    await loseConnections();
    await sim.until(() => scheduler.registrations === 3, 120_000);
    expect(scheduler.disconnections).toBe(2);
  });
});

/** Answers each offer at once, whatever has become of the connection since. */
class Prompt extends TestScheduler {
  answered = 0;

  protected override resourceOffers(offers: readonly Offer[]): void {
    this.declineOffer(offers.map(({ id }) => id.value));
    this.answered += offers.length;
  }
}

describe('a scheduler that stood still for so long that its master gave it up', () => {
  test('does not end itself with answers to the offers it finds then', async () => {
    const cluster = await Cluster.start();
    const { sim } = cluster;
    const { address } = cluster.master;
    const member = await cluster.run(new Prompt({ master: address, framework: LASTING }));
    const { scheduler } = member;
    await sim.until(() => scheduler.registrations > 0, 60_000);
    // What the first frame brings is answered at once; the next one waits for a turn, and the end overtakes that.
    member.machine.processor.turnMsMax = 100;
    member.process.incarnation.stop();
    await cluster.agent();
    await sim.advance(5_000);
    await cluster.agent();
    await sim.advance(60_000);
    member.process.incarnation.resume();
    await sim.advance(10_000);
    expect(scheduler.answered).toBeGreaterThan(1);
    expect(scheduler.disconnections).toBe(1);
    expect([scheduler.errors, scheduler.status]).toEqual([[], 'DRIVER_RUNNING']);
    expect(scheduler.registrations).toBe(2);
  });
});

describe('a master that was deposed and does not know', () => {
  test('is not heard by a scheduler that follows another [e1fe0fd]', async () => {
    const deposed = await Cluster.start();
    const leading = await Cluster.start({ sim: deposed.sim, name: 'leading-master' });
    const detector = new StandaloneDetector(deposed.master);
    const { agent, scheduler } = await runningTask(deposed, {
      scheduler: { master: detector, framework: PARTITION_AWARE },
    });
    detector.appoint(leading.master);
    await deposed.sim.until(() => scheduler.registrations === 2, 60_000);
    const told = deposed.mail.watch(LostSlaveMessage);
    const heard = [scheduler.updates.length, scheduler.offers.size];

    await deposed.agent();
    deposed.sim.network.isolate(agent.machine.ip);
    await deposed.sim.until(() => told.length > 0, 120_000);
    await deposed.sim.advance(5_000);
    expect([scheduler.updates.length, scheduler.offers.size]).toEqual(heard);
    expect([scheduler.lostAgents, scheduler.rescinded]).toEqual([[], []]);
    await leading.agent();
    await nextOffer(leading, scheduler);
  });
});
