import type { Fault } from './nemesis.ts';

const LASTS_MS_MAX = 60_000;
const SYNC_MS_MAX = 30_000;
/** An agent first awaits what else is being synced. */
const ENDS_WITHIN_MS = 10_000;

export async function slowDisk({ cluster: { sim }, random, agent }: Fault): Promise<void> {
  const { disk } = agent.machine;
  const usual = disk.syncLatency;
  disk.syncLatency = { minMs: 1, maxMs: random.between(100, SYNC_MS_MAX) };
  await sim.advance(random.between(1_000, LASTS_MS_MAX));
  disk.syncLatency = usual;
}

export async function fillDisk({ cluster: { sim }, random, agent }: Fault): Promise<void> {
  const { disk } = agent.machine;
  const { freeBytes } = disk.fileSystem;
  disk.setFreeBytes(random.between(0, 8_192));
  await sim.advance(random.between(1_000, LASTS_MS_MAX));
  disk.setFreeBytes(freeBytes);
}

/** What was to become durable is lost. The agent must end, and is started again. */
export async function failSync({ cluster, random, agent }: Fault): Promise<void> {
  const { sim } = cluster;
  const failing = agent.machine.disk.inject({ kind: 'sync', code: 'EIO', times: 1 });
  const { stopped } = agent.agent;
  const endsAtMs = sim.nowMs + random.between(1_000, LASTS_MS_MAX);
  while (stopped.isPending && sim.nowMs < endsAtMs) await sim.advance(500);
  failing[Symbol.dispose]();
  await sim.advance(ENDS_WITHIN_MS);
  if (stopped.isPending) return;
  cluster.killAgent(agent);
  await cluster.restartAgent(agent);
}
