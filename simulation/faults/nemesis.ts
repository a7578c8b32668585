import type { SimRandom } from '../../libprocess/sim/sim-random.ts';
import type { AgentMember, Cluster } from '../../testing/cluster.ts';
import type { FrameworkMember } from '../framework-member.ts';
import type { Deeds } from '../deeds.ts';
import {
  busyMaster,
  hiccups,
  killAtSpawn,
  killAtWritePoint,
  slowLink,
  slowRecovery,
  slowRegistry,
  slowTakeover,
} from './aimed-faults.ts';
import {
  blackhole,
  bridge,
  latePackets,
  longPartition,
  slowReader,
  swizzle,
} from './connection-faults.ts';
import {
  crashLoop,
  failDisk,
  killAtDiskOperation,
  killForMemory,
  killThenPowerCut,
  rivalScheduler,
  slowSpawns,
  stall,
} from './crash-faults.ts';
import { failSync, fillDisk, slowDisk } from './disk-faults.ts';
import { failoverWithoutAgent, failoverWithoutScheduler } from './failovers.ts';
import type { FaultKind } from './kinds.ts';
import { clog, isolate, loseLink, partition, separateScheduler } from './network-faults.ts';
import {
  addAgent,
  cleanUp,
  leave,
  reconfigure,
  reimage,
  replace,
  stopAgent,
} from './operator-actions.ts';
import {
  cutPower,
  jumpClock,
  killAgent,
  killMaster,
  killScheduler,
  pauseAgent,
  pauseMaster,
  restartAll,
} from './process-faults.ts';
import type { SlowStorage } from './slow-storage.ts';

/** Whom faults befall. */
export interface Victims {
  readonly cluster: Cluster;
  readonly frameworks: readonly FrameworkMember[];
  /** Of all masters. */
  readonly registry: SlowStorage;
  /** Told of what ends tasks. */
  readonly deeds: Deeds;
  /** Takes in the names of rare states. */
  readonly reached: Set<string>;
  /** Another agent joins. */
  readonly addAgent: () => Promise<void>;
}

/** What a fault may draw from: the same for it whatever others do. */
export interface Fault extends Victims {
  readonly random: SimRandom;
  readonly agent: AgentMember;
  readonly framework: FrameworkMember;
}

const FAULTS: Readonly<Record<FaultKind, (fault: Fault) => Promise<void>>> = {
  reset: loseLink('both'),
  'half-open': loseLink('one'),
  partition: partition({ oneWay: false }),
  'one-way': partition({ oneWay: true }),
  isolate,
  clog,
  'separate-scheduler': separateScheduler,
  'kill-agent': killAgent,
  'kill-master': killMaster,
  'kill-scheduler': killScheduler,
  'power-cut': cutPower,
  'rolling-restart': restartAll,
  'pause-agent': pauseAgent,
  'pause-master': pauseMaster,
  'slow-disk': slowDisk,
  'full-disk': fillDisk,
  'failed-sync': failSync,
  'clock-jump': jumpClock,
  bridge,
  swizzle,
  blackhole,
  'long-partition': longPartition(false),
  'very-long-partition': longPartition(true),
  'late-packets': latePackets,
  'slow-reader': slowReader,
  stall,
  'kill-at-disk-operation': killAtDiskOperation,
  'kill-then-power-cut': killThenPowerCut,
  'crash-loop': crashLoop,
  'disk-errors': failDisk,
  'out-of-memory': killForMemory,
  'slow-spawns': slowSpawns,
  'rival-scheduler': rivalScheduler,
  'agent-joins': addAgent,
  'agent-replaced': replace,
  'agent-leaves': leave,
  'agent-cleans-up': cleanUp,
  'agent-stops': stopAgent,
  'agent-reconfigured': reconfigure,
  'agent-reimaged': reimage,
  'kill-at-spawn': killAtSpawn,
  'kill-at-write-point': killAtWritePoint,
  'slow-recovery': slowRecovery,
  'slow-link': slowLink,
  'slow-registry': slowRegistry,
  hiccups,
  'busy-master': busyMaster,
  'slow-takeover': slowTakeover,
  'failover-without-agent': failoverWithoutAgent,
  'failover-without-scheduler': failoverWithoutScheduler,
};

/** One fault that a cluster must outlive; it has healed when this is over. */
export async function breakSomething(
  victims: Victims,
  kind: FaultKind,
  random: SimRandom,
): Promise<void> {
  const agent = random.pick(victims.cluster.agents);
  const framework = random.pick(victims.frameworks);
  if (!agent || !framework) return;
  victims.cluster.sim.world.record('nemesis', `${kind} ${agent.machine.name}`);
  await FAULTS[kind]({ ...victims, random, agent, framework });
}
