import type { AgentFlags } from '../../../agent/flags.ts';
import { openSimLauncher } from '../../../agent/containerizer/launcher/sim/sim-launcher.ts';
import { composeAgent } from '../../../cli/compose-agent.ts';
import { StandaloneDetector } from '../../../common/detector.ts';
import { startNode } from '../../../libprocess/start-node.ts';
import type { Machine } from '../../../libprocess/sim/index.ts';
import { Cluster } from '../../../testing/cluster.ts';
import { Violation, type Stage } from '../stage.ts';
import { describeTree, treeOf } from '../checkpoints/meta-tree.ts';

const OTHER_PORT = 5052;
const WORK = '/var/lib/mesos';

/** R9: a second agent on the same directories is refused, by name, and disturbs nobody. */
export async function twoAgentsStory(stage: Stage): Promise<void> {
  const { sim } = stage;
  const cluster = await Cluster.start({ sim });
  const { machine, flags, process, agent } = await cluster.agent();
  await sim.advance(20_000);
  const before = describeTree(treeOf(machine.disk.fileSystem, WORK));
  for (const other of [flags, { ...flags, workDirectory: '/var/lib/other' }]) {
    const refused = await secondAgent(cluster, machine, other);
    if (!refused.includes(`process ${process.pid}`))
      throw new Violation(`R9: a second agent is told: ${refused}`);
  }
  if (describeTree(treeOf(machine.disk.fileSystem, WORK)) !== before)
    throw new Violation('R9: a second agent has changed what is the first one’s');
  if (!process.alive || !agent.stopped.isPending)
    throw new Violation('R9: the first agent is gone');
  sim.kill(process);
  const told = await secondAgent(cluster, machine, flags);
  if (told !== '')
    throw new Violation(`R9: after the first has ended, the second is told: ${told}`);
  stage.check();
}

/** Why it does not start; empty if it does. */
async function secondAgent(cluster: Cluster, machine: Machine, flags: AgentFlags): Promise<string> {
  const { sim } = cluster;
  const process = sim.boot(machine);
  const { runtime } = process;
  const start = async (): Promise<void> => {
    const node = await startNode({ runtime, ip: machine.ip, port: OTHER_PORT });
    const detector = new StandaloneDetector(cluster.master);
    const { runtimeDirectory, recoveryTimeoutMs } = flags;
    await composeAgent({
      node,
      flags,
      detector,
      launcher: (of) => openSimLauncher(of, { runtimeDirectory, recoveryTimeoutMs }),
    });
  };
  const outcome = await sim.complete(
    start().then(
      () => '',
      (error: unknown) => String(error),
    ),
  );
  sim.kill(process);
  return outcome;
}
