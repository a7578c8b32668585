import type { AgentFlags } from '../../agent/flags.ts';
import { SlaveProcess } from '../../agent/slave-process.ts';
import type { AgentMember } from '../../testing/cluster.ts';
import { sandboxesInUse } from '../checks/agents/sandbox-checks.ts';
import type { Fault } from './nemesis.ts';

const RECOVERING_CHANCE = 0.4;
const AWAY_MS_MAX = 30_000;
/** What agents leave behind is dead by then. */
const NOTHING_LEFT_MS = 5_000;
const AGENTS_MAX = 7;
/** Grace of executors, and a little more. */
const ENDS_WITHIN_MS = 120_000;

export async function addAgent({ cluster, addAgent: add }: Fault): Promise<void> {
  if (cluster.agents.length < AGENTS_MAX) await add();
}

/** SIGTERM: the agent ends, and its tasks do not. */
export async function stopAgent({ cluster, random, agent }: Fault): Promise<void> {
  const { sim } = cluster;
  await sim.complete(agent.agent[Symbol.asyncDispose]());
  await sim.complete(agent.node[Symbol.asyncDispose]());
  cluster.killAgent(agent);
  await sim.advance(random.between(1, AWAY_MS_MAX));
  await cluster.restartAgent(agent);
}

/**
 * SIGUSR1: the agent ends its tasks and leaves the cluster; the next one there is another. Sometimes it
 * has only just begun to recover.
 */
export async function leave(fault: Fault): Promise<void> {
  const { cluster, random, agent, deeds } = fault;
  if (random.split('at start').chance(RECOVERING_CHANCE)) {
    cluster.killAgent(agent);
    await cluster.restartAgent(agent);
  }
  deeds.clearing(agent.machine);
  const process = [...agent.node.processes()].map((mailbox) => mailbox.process).find(isAgent);
  process?.unregister();
  await hasStopped(fault, 'leaving');
  deeds.cleared(agent.machine, cluster.sim.world.nextId());
  const awayMs = random.between(1, AWAY_MS_MAX);
  await cluster.sim.advance(awayMs);
  const [left] = awayMs < NOTHING_LEFT_MS ? [] : sandboxesInUse(agent.machine);
  if (left !== undefined)
    cluster.failures.push(`T6: ${agent.machine.name} has left, and there is life in '${left}'`);
  await cluster.restartAgent(agent);
}

/** `--recover=cleanup`: executors that a former agent left are ended, and so is the agent. */
export async function cleanUp(fault: Fault): Promise<void> {
  const { cluster, random, agent, deeds } = fault;
  cluster.killAgent(agent);
  await cluster.sim.advance(random.between(1, AWAY_MS_MAX));
  deeds.clearing(agent.machine);
  await cluster.restartAgent(agent, { recover: 'cleanup' });
  await hasStopped(fault, 'cleaning up');
  deeds.cleared(agent.machine, cluster.sim.world.nextId());
  await cluster.restartAgent(agent);
}

/** A fresh work directory on the same machine: it knows nothing of what was there before. */
export async function replace({ cluster, random, agent, deeds }: Fault): Promise<void> {
  const { sim } = cluster;
  const { fileSystem } = agent.machine.disk;
  cluster.killAgent(agent);
  await sim.advance(random.between(1, AWAY_MS_MAX));
  deeds.clearing(agent.machine);
  const { workDirectory } = agent.flags;
  fileSystem.rename(workDirectory, `${workDirectory}-of-${String(Math.floor(sim.nowMs))}`);
  fileSystem.syncDirectory(workDirectory.replace(/[^/]+$/, ''));
  await cluster.restartAgent(agent);
  deeds.cleared(agent.machine, sim.world.nextId());
}

/** Flags that what it has recorded forbids: it says so and what to do, and comes back with the former. */
export async function reconfigure({ cluster, random, agent, reached }: Fault): Promise<void> {
  const other = random.pick(OTHER_FLAGS) ?? {};
  cluster.killAgent(agent);
  await cluster.sim.advance(random.between(1, AWAY_MS_MAX));
  try {
    await cluster.restartAgent(agent, other);
    keep(agent, other); // It had not been registered before.
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!message.includes('--recover=cleanup'))
      cluster.failures.push(`An agent with other flags says only: ${message}`);
    reached.add('flags refused by an agent');
    await cluster.restartAgent(agent);
  }
}

/** After a reboot other flags make another agent of it. */
export async function reimage({ cluster, random, agent }: Fault): Promise<void> {
  const { sim } = cluster;
  sim.powerOff(agent.machine);
  await sim.advance(random.between(1, AWAY_MS_MAX));
  sim.powerOn(agent.machine);
  keep(agent, random.pick(OTHER_FLAGS) ?? {});
  await cluster.restartAgent(agent);
}

/** All have as many CPUs: checks of rest count on that. */
const OTHER_FLAGS: readonly Partial<AgentFlags>[] = [
  { attributes: 'rack:r2' },
  { attributes: 'rack:r3;level:3' },
  { resources: 'cpus:4;mem:2048;disk:10000;ports:[31000-32000]' },
  { resources: 'cpus:4;mem:8192;disk:10000;ports:[31000-32000]' },
  { resources: 'cpus:4;mem:4096;disk:10000;ports:[30000-32000]' },
];

/** From now on, for each of its lives. */
function keep(agent: AgentMember, flags: Partial<AgentFlags>): void {
  Object.assign(agent, { flags: { ...agent.flags, ...flags } });
}

/** Waits until it has ended by itself; its process is over then. */
async function hasStopped({ cluster, agent }: Fault, what: string): Promise<void> {
  const { sim, failures } = cluster;
  const endsAtMs = sim.nowMs + ENDS_WITHIN_MS;
  while (agent.agent.stopped.isPending && sim.nowMs < endsAtMs) await sim.advance(500);
  if (agent.agent.stopped.isPending) failures.push(`${agent.machine.name} does not end ${what}`);
  cluster.killAgent(agent);
}

const isAgent = (process: unknown): process is SlaveProcess => process instanceof SlaveProcess;
