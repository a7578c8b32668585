import type { AgentFlags } from '../../../agent/flags.ts';
import { EVERYTHING_SURVIVES, type Machine } from '../../../libprocess/sim/index.ts';
import { masterOn } from '../../../testing/cluster-state.ts';
import { agentFlagsOn, Cluster } from '../../../testing/cluster.ts';
import { Violation, type Stage } from '../stage.ts';
import { checkRecovered } from './rest-of-life.ts';
import { WatchedAgent } from './watched-agent.ts';

const REGISTERS_MS_MAX = 60_000;
const COLLECTS_MS_MAX = 60_000;

interface Setting {
  readonly cluster: Cluster;
  readonly machine: Machine;
  readonly flags: AgentFlags;
}

async function settingOf({ sim }: Stage): Promise<Setting> {
  const cluster = await Cluster.start({ sim });
  const machine = sim.machine({ name: 'agent' });
  const flags = { ...agentFlagsOn(machine), gcDelayMs: 1_000, diskWatchIntervalMs: 1_000 };
  return { cluster, machine, flags };
}

/** Under which ids the master has agents that are connected. */
const idsOf = ({ masterNode }: Cluster): readonly string[] =>
  [...(masterOn(masterNode)?.state?.agents.registered.values() ?? [])]
    .filter(({ connected }) => connected)
    .map(({ id }) => id);

/**
 * An agent that has other resources after a reboot: it starts anew under another id (R6), for good, and
 * what the former one left is removed (R8).
 */
export async function changedAgentStory(stage: Stage): Promise<void> {
  const { sim } = stage;
  const { cluster, machine, flags } = await settingOf(stage);
  await sim.complete(cluster.launchAgent(machine, flags).started);
  await sim.until(() => idsOf(cluster).length === 1, REGISTERS_MS_MAX);
  const [former = ''] = idsOf(cluster);
  await sim.advance(12_000); // It is on the disk, and not in the journal alone.
  // As a sandbox of the former agent.
  machine.disk.fileSystem.makeDirectory(`${flags.workDirectory}/slaves/${former}/frameworks/f`);
  sim.powerOff(machine, EVERYTHING_SURVIVES);
  sim.powerOn(machine);
  const changed = { ...flags, resources: 'cpus:2;mem:1024;disk:1000;ports:[31000-31100]' };
  const agent = new WatchedAgent({ stage, cluster, machine, flags: changed });
  const missing = (): string | undefined =>
    idsOf(cluster).some((id) => id !== former) ? undefined : 'R12: no new agent registers';
  await agent.until(missing, REGISTERS_MS_MAX);
  await agent.until(() => leftOf(former, machine, changed), COLLECTS_MS_MAX);
  await agent.until(missing, REGISTERS_MS_MAX);
  const [id] = idsOf(cluster);
  agent.finish();
  const latest = machine.disk.fileSystem.readLink(`${flags.workDirectory}/meta/slaves/latest`);
  if (!latest.endsWith(`/${id ?? ''}`)) throw new Violation(`R6: '${id ?? ''}' is not ${latest}`);
  await checkRecovered(sim, machine, changed);
}

function leftOf(
  agentId: string,
  { disk: { fileSystem } }: Machine,
  { workDirectory }: AgentFlags,
): string | undefined {
  const paths = [workDirectory, `${workDirectory}/meta`].map((root) => `${root}/slaves/${agentId}`);
  const left = paths.find((path) => fileSystem.exists(path));
  return left === undefined ? undefined : `R8: '${left}' is never removed`;
}

/** An agent that keeps nothing but the boot id: each start is a new agent. */
export async function forgetfulAgentStory(stage: Stage): Promise<void> {
  const { cluster, machine, flags } = await settingOf(stage);
  const forgetful = { ...flags, checkpoint: false };
  const agent = new WatchedAgent({ stage, cluster, machine, flags: forgetful });
  const missing = (): string | undefined =>
    idsOf(cluster).length > 0 ? undefined : 'R12: no agent registers';
  await agent.until(missing, REGISTERS_MS_MAX);
  agent.finish();
}
