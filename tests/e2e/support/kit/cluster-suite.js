import assert from 'node:assert/strict';
import { SchedulerProcess } from 'mesos-ts/scheduler-driver';
import { testCluster } from 'mesos-ts/testing';

class Idle extends SchedulerProcess {
  offered = 0;

  constructor(master) {
    super({ master, framework: { user: '', name: 'idle' } });
  }

  resourceOffers(offers) {
    this.offered += offers.length;
    for (const { id } of offers) this.declineOffer(id.value, { refuse_seconds: 1 });
  }
}

/** The same tests under any runner: `test(name, work)` is all that it has to offer. */
export function clusterSuite(test) {
  test('an hour of a cluster passes', async () => {
    const cluster = await testCluster({ agents: 2, seed: 1 });
    const idle = await cluster.run(new Idle(cluster.masterAddress));
    const { nowMs } = cluster;
    await cluster.advance('1hrs');
    assert.equal(cluster.nowMs - nowMs, 3_600_000);
    assert.ok(idle.offered > 1_000);
    await cluster.close();
  });

  test('two clusters in one process are strangers', async () => {
    const [one, two] = [await testCluster({ seed: 1 }), await testCluster({ agents: 2, seed: 2 })];
    await Promise.all([one.advance('1mins'), two.advance('1mins')]);
    one.master.kill();
    assert.equal(two.state().agents.length, 2);
    await one.close();
    await two.close();
  });

  test('timers of the test go on, in step with the cluster if it shall be', async () => {
    const cluster = await testCluster({ virtualTime: false });
    let fired = false;
    setTimeout(() => (fired = true), 20);
    await cluster.until(() => fired, { within: '1mins' });
    assert.ok(cluster.nowMs < 60_000);
    await cluster.close();
  });

  test('a cluster that nobody closes does not keep the process', async () => {
    await testCluster();
  });
}
