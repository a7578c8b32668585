import type { AgentFlags } from '../../../agent/flags.ts';
import { recoverJournal } from '../../../agent/journal/recover-journal.ts';
import { metaDirectory } from '../../../agent/state/paths.ts';
import { recoverState } from '../../../agent/state/recover.ts';
import type { Machine, Simulation } from '../../../libprocess/sim/index.ts';
import { describeTree, treeOf } from '../checkpoints/meta-tree.ts';
import { Violation } from '../stage.ts';

/** What has ended and not been removed; undefined if there is nothing. */
export function checkLeft({ disk }: Machine, { workDirectory }: AgentFlags): string | undefined {
  const { fileSystem } = disk;
  for (const root of [workDirectory, metaDirectory(workDirectory)]) {
    if (!fileSystem.exists(`${root}/slaves`)) continue;
    const paths = treeOf(fileSystem, `${root}/slaves`).keys();
    const left = [...paths].find((path) => /\/frameworks\/./.test(path));
    if (left !== undefined) return `R8: '${root}/slaves/${left}' is never removed`;
  }
  return undefined;
}

/** R3, R4: recovery finds no damage, and a second one finds what the first has left. */
export async function checkRecovered(
  sim: Simulation,
  machine: Machine,
  { workDirectory }: AgentFlags,
): Promise<void> {
  const root = metaDirectory(workDirectory);
  const recover = async (): Promise<string> => {
    const node = sim.boot(machine);
    const { disk, host } = node.runtime;
    const options = { disk, bootId: host.bootId, metaDirectory: root, strict: true };
    await sim.complete(recoverJournal(options));
    const { agent } = await sim.complete(recoverState(options));
    sim.kill(node);
    return `${agent?.key.agentId ?? 'nobody'}\n${describeTree(treeOf(machine.disk.fileSystem, root))}`;
  };
  const first = await recover();
  const second = await recover();
  if (first !== second) throw new Violation(`R3: recovered twice:\n${first}\nand then:\n${second}`);
}
