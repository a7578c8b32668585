import type { AgentFlags } from '../../../agent/flags.ts';
import { metaDirectory } from '../../../agent/state/paths.ts';
import { recoverState } from '../../../agent/state/recover.ts';
import type { Machine, SimNode } from '../../../libprocess/sim/index.ts';
import { Cluster, type AgentMember } from '../../../testing/cluster.ts';
import { TaskOracle } from '../../task-oracle.ts';
import { LifeFramework } from '../agent/life-framework.ts';
import { LifeRecord } from '../agent/life-record.ts';
import { Violation, type Stage } from '../stage.ts';

/** A kind of file that recovery reads, and when in the story it is there, and cold. */
interface Kind {
  readonly path: RegExp;
  readonly atMs: number;
  /** A byte, and a bit of it, without which the file makes no sense. */
  readonly flip: readonly [offset: number, bit: number];
}

const CPUS = 8;
/** The journal no longer holds what was written at first. */
const COLD_MS = 25_000;
/** The wire type of the first field, after the length of the record. */
const FIRST_FIELD = [4, 0] as const;

export const KINDS = {
  'slave.info': { path: /\/slave\.info$/, atMs: COLD_MS, flip: FIRST_FIELD },
  'framework.info': { path: /\/framework\.info$/, atMs: COLD_MS, flip: FIRST_FIELD },
  'executor.info': { path: /\/custom\/executor\.info$/, atMs: COLD_MS, flip: FIRST_FIELD },
  'task.info': { path: /\/custom\/task\.info$/, atMs: COLD_MS, flip: FIRST_FIELD },
  'task.updates': { path: /\/custom\/task\.updates$/, atMs: COLD_MS, flip: FIRST_FIELD },
  // In the midst of its first commit, which others follow.
  journal: { path: /\/journal\/\d+$/, atMs: 3_000, flip: [60, 2] },
} as const satisfies Readonly<Record<string, Kind>>;

/**
 * A bit of a file turns over while the agent is down. If strict it refuses to start and names the file;
 * if not it leaves the file out, counts that, and goes on (R4).
 */
export function rotStory(kind: Kind): (stage: Stage) => Promise<void> {
  return async (stage) => {
    const { sim } = stage;
    const cluster = await Cluster.start({ sim });
    new TaskOracle(cluster, CPUS); // It brings the programs of the tasks.
    const agent = await cluster.agent();
    await cluster.run(new LifeFramework(cluster.master.address, new LifeRecord()));
    await sim.advance(kind.atMs);
    cluster.killAgent(agent);
    const path = fileOf(agent.machine, kind.path);
    await checkEveryBit(stage, agent, path);
    agent.machine.disk.fileSystem.flipBit(path, ...kind.flip);
    await checkStrict(cluster, agent, path);
    await checkLenient(cluster, agent);
    stage.check();
  };
}

function fileOf({ disk: { fileSystem } }: Machine, wanted: RegExp): string {
  const find = (path: string): string | undefined => {
    for (const { name, kind } of fileSystem.readDirectory(path)) {
      const each = `${path}/${name}`;
      const found = kind === 'directory' ? find(each) : wanted.test(each) ? each : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const found = find('/var/lib/mesos/meta');
  if (found === undefined) throw new Violation(`there is no file ${String(wanted)}`);
  return found;
}

/** Whatever bit it is: recovery ends, and if it refuses it says what. Reads only, so no journal. */
async function checkEveryBit(stage: Stage, agent: AgentMember, path: string): Promise<void> {
  if (path.includes('/journal/')) return;
  const { fileSystem } = agent.machine.disk;
  const node = stage.sim.boot(agent.machine);
  const { sizeBytes } = fileSystem.status(path);
  for (let offset = 0; offset < sizeBytes; offset += 1) {
    const bit = offset % 8;
    fileSystem.flipBit(path, offset, bit);
    const refused = await refusal(stage, node, agent.flags);
    if (refused !== undefined && !refused.includes(path))
      throw new Violation(`R4: byte ${offset} of '${path}': ${refused}`);
    fileSystem.flipBit(path, offset, bit);
  }
  stage.sim.kill(node);
}

async function refusal(
  { sim }: Stage,
  { runtime }: SimNode,
  { workDirectory }: AgentFlags,
): Promise<string | undefined> {
  const options = { disk: runtime.disk, metaDirectory: metaDirectory(workDirectory) };
  // In whatever way it is damaged, a lenient recovery reads the rest.
  await sim.complete(recoverState({ ...options, strict: false }));
  try {
    await sim.complete(recoverState({ ...options, strict: true }));
    return undefined;
  } catch (error) {
    return String(error);
  }
}

async function checkStrict(cluster: Cluster, agent: AgentMember, path: string): Promise<void> {
  const { process, started } = cluster.launchAgent(agent.machine, agent.flags);
  const refused = await cluster.sim.complete(
    started.then(
      () => undefined,
      (error: unknown) => String(error),
    ),
  );
  if (refused === undefined) throw new Violation(`R4: an agent starts with '${path}' damaged`);
  if (!refused.includes(path))
    throw new Violation(`R4: '${path}' is damaged, and told is ${refused}`);
  cluster.sim.kill(process);
}

async function checkLenient(cluster: Cluster, agent: AgentMember): Promise<void> {
  const { sim } = cluster;
  const flags = { ...agent.flags, strict: false };
  const { node } = await sim.complete(cluster.launchAgent(agent.machine, flags).started);
  await sim.advance(30_000);
  const values = new Map(
    Object.entries(Object.fromEntries(await sim.complete(node.metrics.snapshot()))),
  );
  if (values.get('slave/registered') !== 1)
    throw new Violation('R12: an agent that leaves out what is damaged does not register');
  const counted = values.get('slave/recovery_errors');
  if (counted === undefined || counted < 1)
    throw new Violation('R4: what is damaged is left out and not counted');
}
