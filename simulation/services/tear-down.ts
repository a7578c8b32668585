import type { SimNode } from '../../libprocess/sim/index.ts';
import { masterOn } from '../../testing/cluster-state.ts';
import type { Cluster } from '../../testing/cluster.ts';
import type { Deeds } from '../deeds.ts';
import type { ServiceMember } from './service-member.ts';

const LOOKS_EVERY_MS = 5_000;
const OK = 200;

/**
 * An operator ends a framework, and again whenever it is back: a master that was elected since knows
 * nothing of it, as in Mesos. M10: the master that has ended it never takes it back.
 */
export function tearDown(cluster: Cluster, guest: ServiceMember, deeds: Deeds): void {
  const { sim, failures } = cluster;
  let endedBy: SimNode | undefined;
  const look = (): void => {
    sim.at(LOOKS_EVERY_MS, look);
    const { masterProcess } = cluster;
    const { frameworkId } = guest.record;
    if (!masterProcess.alive || frameworkId === undefined) return;
    const known = masterOn(cluster.masterNode)?.state?.frameworks.registered;
    const isKnown = [...(known?.keys() ?? [])].some((id) => id === frameworkId);
    if (!isKnown) return;
    if (endedBy === masterProcess) failures.push(`M10: ${guest.name} is back after its end`);
    // Noted first: it is ended before the answer is there, and asked for again if that is another.
    deeds.endFramework(frameworkId);
    const answer = cluster.masterNode.http({
      method: 'POST',
      path: '/master/teardown',
      query: {},
      headers: {},
      body: new TextEncoder().encode(`frameworkId=${frameworkId}`),
      remoteAddress: '10.0.0.99:1',
    });
    answer.onAny((done) => {
      if (done.isReady && done.value.status === OK) endedBy = masterProcess;
    });
  };
  look();
}
