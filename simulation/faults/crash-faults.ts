import type { Incarnation } from '../../libprocess/sim/index.ts';
import { sandboxOf } from '../deeds.ts';
import type { Fault } from './nemesis.ts';

const AWAY_MS_MAX = 30_000;
const STALL_MS_MIN = 1_000;
const STALL_MS_MAX = 30_000;
const OPERATIONS_MAX = 400;
const WAITS_MS_MAX = 60_000;
const LASTS_MS_MAX = 60_000;
const SPAWN_MS_MAX = 8_000;

/** The loop of a node takes no turn: its kernel answers for it, and it does not notice. */
export async function stall({ cluster, random, agent }: Fault): Promise<void> {
  const { masterProcess, sim } = cluster;
  const executors = contained(agent.machine).map(({ incarnation }) => incarnation);
  const nodes: Incarnation[] = [agent.process.incarnation, masterProcess.incarnation];
  const node = random.pick([...nodes, ...executors.slice(0, 2)]);
  node?.stop();
  await sim.advance(random.between(STALL_MS_MIN, STALL_MS_MAX));
  node?.resume();
}

/** `kill -9` just before some operation of the disk takes effect, by whomever it is made. */
export async function killAtDiskOperation({ cluster, random, agent }: Fault): Promise<void> {
  const { sim } = cluster;
  const { disk } = agent.machine;
  const { onOperation } = disk;
  // Small numbers more often: they fall into the same writing as the moment itself.
  let left = 1 + Math.floor(OPERATIONS_MAX ** random.next());
  disk.onOperation = (operation) => {
    onOperation?.(operation);
    left -= 1;
    if (left === 0) cluster.killAgent(agent);
  };
  const endsAtMs = sim.nowMs + WAITS_MS_MAX;
  while (agent.process.alive && sim.nowMs < endsAtMs) await sim.advance(200);
  disk.onOperation = onOperation;
  if (agent.process.alive) cluster.killAgent(agent);
  await sim.advance(random.between(1, AWAY_MS_MAX));
  await cluster.restartAgent(agent);
}

/** Twice in a row on one machine: what recovery has written is not all synced when the power fails. */
export async function killThenPowerCut({ cluster, random, agent }: Fault): Promise<void> {
  const { sim } = cluster;
  for (let round = random.between(1, 2); round > 0; round -= 1) {
    cluster.killAgent(agent);
    if (random.chance(0.7)) await cluster.restartAgent(agent);
    await sim.advance(random.between(1, 10_000));
    sim.powerOff(agent.machine);
    await sim.advance(random.between(1, AWAY_MS_MAX));
    sim.powerOn(agent.machine);
    await cluster.restartAgent(agent);
    await sim.advance(random.between(1, 10_000));
  }
}

/** Down again before it has recovered, or just after. */
export async function crashLoop({ cluster, random, agent }: Fault): Promise<void> {
  for (let round = random.between(3, 8); round > 0; round -= 1) {
    cluster.killAgent(agent);
    await cluster.sim.advance(random.between(1, 1_000));
    await cluster.restartAgent(agent);
    await cluster.sim.advance(random.between(0, random.pick([5, 100, 4_000]) ?? 0));
  }
}

/** Reads and writes of checkpoints fail now and then. The agent ends of it, or goes on. */
export async function failDisk({ cluster, random, agent }: Fault): Promise<void> {
  const { sim } = cluster;
  const { disk } = agent.machine;
  const kind = random.pick(['read', 'write', 'open', 'rename'] as const) ?? 'write';
  const failing = disk.inject({ kind, path: /\/meta\//, code: 'EIO', probability: 0.3 });
  const isRestarted = random.chance(0.5);
  if (isRestarted) cluster.killAgent(agent);
  const endsAtMs = sim.nowMs + random.between(1_000, LASTS_MS_MAX);
  while (sim.nowMs < endsAtMs) {
    if (!agent.process.alive || !agent.agent.stopped.isPending) {
      cluster.killAgent(agent);
      // It says what it could not read, and is started again, as by its supervisor.
      await cluster.restartAgent(agent).catch(() => undefined);
    }
    await sim.advance(2_000);
  }
  failing[Symbol.dispose]();
  await sim.advance(2_000);
  if (agent.process.alive && agent.agent.stopped.isPending) return;
  cluster.killAgent(agent);
  await cluster.restartAgent(agent);
}

/** A kernel that is out of memory kills an executor, or a task. */
export function killForMemory({ random, agent, deeds }: Fault): Promise<void> {
  const { machine } = agent;
  const victim = random.pick(contained(machine));
  if (victim) {
    deeds.killed(machine, victim);
    machine.processes.end(victim, { signal: 'SIGKILL' });
  }
  return Promise.resolve();
}

export async function slowSpawns({ cluster: { sim }, random, agent }: Fault): Promise<void> {
  const { processes } = agent.machine;
  const usual = processes.spawnMsMax;
  processes.spawnMsMax = random.between(100, SPAWN_MS_MAX);
  await sim.advance(random.between(1_000, LASTS_MS_MAX));
  // Killed while some are being started.
  if (random.chance(0.5)) processes.spawnMsMax = usual;
}

/** Another scheduler of the same framework begins while the one before goes on. */
export async function rivalScheduler({ frameworks, random }: Fault): Promise<void> {
  await random.pick(frameworks.flatMap(({ rival }) => rival ?? []))?.();
}

function contained({ processes }: Fault['agent']['machine']) {
  return processes
    .list()
    .filter(({ state }) => state !== 'Z')
    .flatMap(({ pid }) => processes.get(pid) ?? [])
    .filter((process) => sandboxOf(process) !== undefined);
}
