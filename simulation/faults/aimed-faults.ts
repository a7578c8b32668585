import type { Millis } from '../../libprocess/clock.ts';
import { AGENT_WRITE_POINTS } from '../../agent/write-points.ts';
import { LAUNCHER_PATH } from '../../agent/containerizer/launcher/sim/sim-launcher.ts';
import { killForMemory } from './crash-faults.ts';
import type { Fault } from './nemesis.ts';

const AWAY_MS_MAX = 30_000;
const WAITS_MS_MAX = 30_000;
const LASTS_MS_MAX = 60_000;
const SPAWN_MS_MAX = 4_000;
const SLOW_LINK_MS_MAX = 2_000;
const SLOW_READS_MS_MAX = [20, 250, 1_000];
/** Below the timeouts of masters for their registry. */
const SLOW_REGISTRY_MS_MAX = 15_000;
/** A ping is missed after 15 s; a connection is given up after 30 s of silence. */
const HICCUP_MS_MIN = 20_000;
const HICCUP_MS_MAX = 29_000;
const HICCUPS = 8;
const BUSY_TURN_MS_MAX = [5, 40, 150];
const BUSY_ROUNDS_MAX = 8;
/** Of about half of all. */
const RUN_FILES = /\/containers\/[0-7]/;
/** A launcher looks once a second at what a former one has started. */
const SLOW_FILES_MS_MAX = [2_000, 8_000];
/** Without those of the agent itself. */
const NO_TASKS: ReadonlySet<string> = new Set(['node', LAUNCHER_PATH]);

/** `kill -9` while something is being started, and another agent before it runs, or when it is over. */
export async function killAtSpawn(fault: Fault): Promise<void> {
  const { cluster, random, agent } = fault;
  const { sim } = cluster;
  const { processes } = agent.machine;
  const usual = processes.spawnMsMax;
  if (random.chance(0.5)) processes.spawnMsMax = random.between(100, SPAWN_MS_MAX);
  await killWithin(fault, random.pick([0, 1, 20, 1_000]) ?? 0);
  await sim.advance(random.between(1, random.pick([5, 500, AWAY_MS_MAX]) ?? 5));
  await cluster.restartAgent(agent);
  await sim.advance(random.between(1, SPAWN_MS_MAX));
  processes.spawnMsMax = usual;
}

/** `kill -9` of the agent so soon after something begins. */
async function killWithin({ cluster, random, agent }: Fault, withinMs: Millis): Promise<void> {
  const { processes } = agent.machine;
  processes.onStart = ({ image }) => {
    if (NO_TASKS.has(image.argv[0] ?? '')) return;
    processes.onStart = undefined;
    cluster.sim.at(random.next() * withinMs, () => {
      cluster.killAgent(agent);
    });
  };
  await isKilled({ cluster, agent });
  processes.onStart = undefined;
}

/** `kill -9`, or a power cut, at one of the places where an agent writes: just before, or just after. */
export async function killAtWritePoint({ cluster, random, agent }: Fault): Promise<void> {
  const { sim } = cluster;
  const { machine } = agent;
  const { disk } = machine;
  const { crashAt } = disk;
  const { durable, volatile } = AGENT_WRITE_POINTS;
  const point = random.pick<string>([...durable, ...volatile]) ?? '';
  const effect = random.chance(0.5) ? 'none' : 'whole';
  const isPowerCut = random.chance(0.3);
  let left = random.between(1, 4);
  const strike = (): void => {
    if (isPowerCut) sim.powerOff(machine);
    else cluster.killAgent(agent);
  };
  disk.crashAt = (operation) => {
    if (left === 0 || !operation.points.includes(point)) return crashAt?.(operation);
    left -= 1;
    if (left > 0) return undefined;
    if (operation.pid === agent.process.pid) return { effect, strike };
    sim.at(0, strike); // Another process writes there for its agent, and lives on.
    return undefined;
  };
  await isKilled({ cluster, agent });
  disk.crashAt = crashAt;
  await sim.advance(random.between(1, random.pick([5, AWAY_MS_MAX]) ?? 5));
  if (!machine.powered) sim.powerOn(machine);
  await cluster.restartAgent(agent);
}

/** Until it was, or it is too late for that. */
async function isKilled({ cluster, agent }: Pick<Fault, 'cluster' | 'agent'>): Promise<void> {
  const { sim } = cluster;
  const endsAtMs = sim.nowMs + WAITS_MS_MAX;
  while (agent.process.alive && sim.nowMs < endsAtMs) await sim.advance(100);
  if (agent.process.alive) cluster.killAgent(agent);
}

/** A restart on a disk that is slow to read: much may happen before it has recovered. */
export async function slowRecovery({ cluster, random, agent }: Fault): Promise<void> {
  const { disk } = agent.machine;
  const usual = disk.latency;
  cluster.killAgent(agent);
  await cluster.sim.advance(random.between(1, AWAY_MS_MAX));
  disk.latency = { minMs: 1, maxMs: random.pick(SLOW_READS_MS_MAX) ?? 20 };
  await cluster.restartAgent(agent);
  await cluster.sim.advance(random.between(1_000, 20_000));
  disk.latency = usual;
}

/** An agent comes back over a link so slow that what it repeats crosses the answers. */
export async function slowLink({ cluster, random, agent }: Fault): Promise<void> {
  const { sim, masterMachine } = cluster;
  const { conditions } = sim.network;
  const between = [agent.machine.ip, masterMachine.ip] as const;
  conditions.setLatency({ minMs: 200, maxMs: random.between(500, SLOW_LINK_MS_MAX) }, between);
  if (random.chance(0.7)) {
    cluster.killAgent(agent);
    await sim.advance(random.between(1, 5_000));
    await cluster.restartAgent(agent);
  } else {
    for (const link of sim.network.links())
      if (link.client.startsWith(`${agent.machine.ip}:`)) link.reset();
  }
  await sim.advance(random.between(5_000, LASTS_MS_MAX));
  conditions.clearLatency(between);
}

/** The registry takes its time; in most cases for a master that has just begun. */
export async function slowRegistry(fault: Fault): Promise<void> {
  const { cluster, random, registry } = fault;
  const { sim } = cluster;
  registry.delayMsMax = random.between(500, SLOW_REGISTRY_MS_MAX);
  if (random.chance(0.7)) {
    cluster.killMaster();
    await sim.advance(random.between(1, AWAY_MS_MAX));
    await cluster.startMaster();
    if (random.chance(0.5)) await replaceAsItWrites(fault);
  }
  await sim.advance(random.between(5_000, LASTS_MS_MAX));
  registry.delayMsMax = 0;
}

/** The next master begins while what this one has written is on its way. */
async function replaceAsItWrites({ cluster, random, registry }: Fault): Promise<void> {
  const { sim, masterProcess } = cluster;
  registry.onSet = () => {
    registry.onSet = undefined;
    sim.at(0, () => {
      sim.kill(masterProcess);
    });
  };
  const endsAtMs = sim.nowMs + WAITS_MS_MAX;
  while (masterProcess.alive && sim.nowMs < endsAtMs) await sim.advance(100);
  registry.onSet = undefined;
  if (masterProcess.alive) cluster.killMaster();
  await sim.advance(random.between(1, 1_000));
  await cluster.startMaster();
}

/** An agent that now and then misses a ping, and answers the next: it is slow, and not lost. */
export async function hiccups({ cluster: { sim }, random, agent }: Fault): Promise<void> {
  for (let round = 0; round < HICCUPS && agent.process.alive; round += 1) {
    const { incarnation } = agent.process;
    incarnation.stop();
    await sim.advance(random.between(HICCUP_MS_MIN, HICCUP_MS_MAX));
    incarnation.resume();
    await sim.advance(random.between(2_000, 20_000));
  }
}

/** A restart in which the files of some of what runs are slow to read: other tasks end, or are killed, while these are looked at. */
export async function slowTakeover(fault: Fault): Promise<void> {
  const { cluster, random, agent } = fault;
  const { disk } = agent.machine;
  const maxMs = random.pick(SLOW_FILES_MS_MAX) ?? 2_000;
  if (random.chance(0.5)) await killWithin(fault, random.pick([0, 1, 20]) ?? 0);
  else cluster.killAgent(agent);
  await cluster.sim.advance(random.between(1, random.pick([5, 500, 4_000]) ?? 5));
  disk.slowReads = { path: RUN_FILES, latency: { minMs: 1, maxMs } };
  await cluster.restartAgent(agent);
  for (let left = random.between(0, 3); left > 0; left -= 1) {
    await cluster.sim.advance(random.between(1, maxMs));
    await killForMemory(fault);
  }
  await cluster.sim.advance(random.between(1_000, 10_000));
  disk.slowReads = undefined;
}

/**
 * The master has so much to do that whatever happens finds something half done, while schedulers lose
 * their connections and come back.
 */
export async function busyMaster({ cluster, frameworks, random }: Fault): Promise<void> {
  const { sim, masterMachine } = cluster;
  const { processor } = masterMachine;
  processor.turnMsMax = random.pick(BUSY_TURN_MS_MAX) ?? 20;
  processor.messagesMax = random.pick([1, 2, 8]) ?? 1;
  for (let round = random.between(2, BUSY_ROUNDS_MAX); round > 0; round -= 1) {
    await sim.advance(random.between(500, 8_000));
    const ips = frameworks.map(({ machine }) => machine.ip);
    for (const link of sim.network.links()) {
      const isScheduler = ips.some((ip) => link.client.startsWith(`${ip}:`));
      if (isScheduler && random.chance(0.7)) link.reset();
    }
  }
  processor.turnMsMax = 0;
  processor.messagesMax = undefined;
}
