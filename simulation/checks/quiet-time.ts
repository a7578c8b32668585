import type { Millis } from '../../libprocess/clock.ts';
import { LAN } from '../../libprocess/sim/network/link-conditions.ts';
import type { Offer } from '../../proto/index.ts';
import type { Cluster } from '../../testing/cluster.ts';
import { ask } from './ask.ts';
import { REFUSE_SECONDS_IDLE } from '../batch/batch-framework.ts';
import type { FrameworkMember } from '../framework-member.ts';

/** Sometimes longer than an agent may stay away, so that timers that nobody has cancelled go off. */
const QUIET_MS: Millis = 90_000;
const LONG_QUIET_MS: Millis = 11 * 60_000;
const LONG_QUIET_CHANCE = 0.25;
/** What went wrong before may take so long to be noticed: six unanswered pings, 15 s apart. */
const SETTLING_MS: Millis = 2 * 60_000;
/** The last part of it, in which everything must be offered once more. */
const WATCHED_MS: Millis = 90_000;
/** An offer that was refused may come again a little early: the refusal took its time to arrive. */
const EARLY_MS: Millis = 1_000;

export class QuietTimeError extends Error {
  readonly code = 'QUIET_TIME_VIOLATED';
}

interface Seen {
  readonly framework: FrameworkMember;
  readonly offer: Offer;
  readonly atMs: Millis;
}

interface Shown {
  readonly id: string;
}

interface ShownByMaster {
  readonly frameworks: readonly {
    readonly id: string;
    readonly name: string;
    readonly active: boolean;
    readonly tasks: readonly { readonly id: string; readonly state: string }[];
  }[];
}

/**
 * All is done and nothing is wrong any more: time passes, and nothing may go wrong by itself. Then all
 * that there is must be offered again (A1, A14, O5, M15), no sooner than the refusals allow (A8), no
 * agent may have been given up (M4), and the master may keep nothing that is over (M6).
 */
export async function checkQuietTime(
  cluster: Cluster,
  frameworks: readonly FrameworkMember[],
  cpusPerAgent: number,
): Promise<void> {
  const { sim } = cluster;
  const random = sim.random.split('quiet');
  const lost = new Set<string>();
  const seen: Seen[] = [];
  for (const framework of frameworks) {
    framework.record.onAgentLost = (agentId) => {
      lost.add(agentId);
    };
    framework.record.onOffers = (offers) => {
      for (const offer of offers) seen.push({ framework, offer, atMs: sim.nowMs });
    };
  }
  sim.network.conditions.setLatency(LAN); // Offers that come late would look like early ones.
  await sim.advance(SETTLING_MS);
  lost.clear();
  await sim.advance(random.chance(LONG_QUIET_CHANCE) ? LONG_QUIET_MS : QUIET_MS);
  const watched = seen.filter(({ atMs }) => atMs > sim.nowMs - WATCHED_MS);
  for (const { node } of cluster.agents) {
    const { id } = await ask<Shown>(cluster, node, '/slave(1)/state');
    if (lost.has(id)) throw new QuietTimeError(`M4: agent '${id}' was lost in quiet times`);
    checkWhole(id, watched, cpusPerAgent);
  }
  checkRefusals(watched);
  const { frameworks: known } = await ask<ShownByMaster>(
    cluster,
    cluster.masterNode,
    '/master/state',
  );
  const ids = new Set(frameworks.map(({ record }) => record.frameworkId));
  // A scheduler that was killed before it heard its id has left a framework, until its timeout.
  checkMaster(
    known.filter(({ id, tasks }) => ids.has(id) || tasks.length > 0),
    frameworks.length,
  );
}

/** A1: what is offered of an agent is all of it, and not to be had in pieces. */
function checkWhole(agentId: string, watched: readonly Seen[], cpus: number): void {
  const offers = watched.filter(({ offer }) => offer.slave_id.value === agentId);
  if (offers.length === 0) throw new QuietTimeError(`M15: agent '${agentId}' is not offered`);
  for (const { offer } of offers) {
    const offered = offer.resources?.find(({ name }) => name === 'cpus')?.scalar?.value ?? 0;
    if (offered === cpus) continue;
    throw new QuietTimeError(`A1: ${String(offered)} cpus of agent '${agentId}' are offered`);
  }
}

/** A8: what a framework refused does not come again before the time that it asked for. */
function checkRefusals(watched: readonly Seen[]): void {
  const latest = new Map<string, Millis>();
  for (const { framework, offer, atMs } of watched) {
    const key = `${framework.name} ${offer.slave_id.value}`;
    const sinceMs = atMs - (latest.get(key) ?? -Infinity);
    latest.set(key, atMs);
    if (sinceMs >= REFUSE_SECONDS_IDLE * 1_000 - EARLY_MS) continue;
    throw new QuietTimeError(`A8: refused ${String(sinceMs)} ms ago, and offered again: ${key}`);
  }
}

function checkMaster(known: ShownByMaster['frameworks'], expected: number): void {
  const names = known.map(({ name }) => name);
  if (names.length !== expected) {
    throw new QuietTimeError(`M8: the master knows the frameworks '${names.join("', '")}'`);
  }
  for (const { name, tasks, active } of known) {
    if (!active) throw new QuietTimeError(`M15: framework '${name}' is not active`);
    const [task] = tasks;
    if (task) throw new QuietTimeError(`M6: the master keeps task '${task.id}', ${task.state}`);
  }
}
