import type { MessageType } from '../../libprocess/message.ts';
import {
  ExitedExecutorMessage,
  FrameworkRegisteredMessage,
  FrameworkReregisteredMessage,
  KillTaskMessage,
  PingSlaveMessage,
  PongSlaveMessage,
  RegisterExecutorMessage,
  RegisterSlaveMessage,
  ReregisterExecutorMessage,
  ReregisterSlaveMessage,
  RescindResourceOfferMessage,
  ResourceOffersMessage,
  RunTaskMessage,
  scheduler,
  ShutdownFrameworkMessage,
  SlaveRegisteredMessage,
  SlaveReregisteredMessage,
  StatusUpdateAcknowledgementMessage,
  StatusUpdateMessage,
  UpdateFrameworkMessage,
} from '../../proto/index.ts';
import type { Fault } from './nemesis.ts';

const LASTS_MS_MAX = 90_000;
/** An agent that is silent for so long is unreachable: five pings, 15 s apart. */
const UNREACHABLE_MS = 75_000;
/** An agent that is disconnected for so long as well. */
const REREGISTER_MS = 600_000;
const BLACKHOLE_MS_MAX = 60_000;
const LATE_MS_MAX = 20_000;

/** What there is to be lost, by who gets it. */
const LOST: Readonly<Record<'agent' | 'master' | 'scheduler', readonly MessageType<unknown>[]>> = {
  agent: [
    KillTaskMessage,
    PingSlaveMessage,
    RegisterExecutorMessage,
    ReregisterExecutorMessage,
    RunTaskMessage,
    ShutdownFrameworkMessage,
    SlaveRegisteredMessage,
    SlaveReregisteredMessage,
    StatusUpdateAcknowledgementMessage,
    StatusUpdateMessage,
    UpdateFrameworkMessage,
  ],
  master: [
    ExitedExecutorMessage,
    PongSlaveMessage,
    RegisterSlaveMessage,
    ReregisterSlaveMessage,
    scheduler.Call,
    StatusUpdateMessage,
  ],
  scheduler: [
    ExitedExecutorMessage,
    FrameworkRegisteredMessage,
    FrameworkReregisteredMessage,
    RescindResourceOfferMessage,
    ResourceOffersMessage,
    StatusUpdateMessage,
  ],
};

/** All but one machine fall into two halves; the one sees both. */
export async function bridge({ cluster, frameworks, random }: Fault): Promise<void> {
  const { sim, agents, masterMachine } = cluster;
  const members = [...agents, ...frameworks].map(({ machine }) => machine);
  const [, ...others] = random.shuffle([masterMachine, ...members]);
  const half = random.between(1, Math.max(1, others.length - 1));
  const ips = others.map(({ ip }) => ip);
  sim.network.partition(ips.slice(0, half), ips.slice(half));
  await sim.advance(random.between(10, LASTS_MS_MAX));
  sim.network.heal();
}

/** One machine after the other is cut off, and then let back, one by one, in another order. */
export async function swizzle({ cluster, random }: Fault): Promise<void> {
  const { sim, agents, masterMachine } = cluster;
  const { network } = sim;
  const machines = random.shuffle([masterMachine, ...agents.map(({ machine }) => machine)]);
  let cut = machines.slice(0, random.between(2, machines.length));
  for (const { ip } of cut) {
    network.isolate(ip);
    await sim.advance(random.between(10, LASTS_MS_MAX / 6));
  }
  for (cut = random.shuffle(cut); cut.length > 0;) {
    cut = cut.slice(1);
    network.heal();
    for (const { ip } of cut) network.isolate(ip);
    await sim.advance(random.between(10, LASTS_MS_MAX / 6));
  }
}

/**
 * Messages of one kind do not reach one machine. TCP loses none silently: they are dropped where they
 * arrive, and in the end each connection that lost some is reset, so that its loss is noticed.
 */
export async function blackhole({ cluster, random, agent, framework }: Fault): Promise<void> {
  const { sim, mail, masterMachine } = cluster;
  const machines = { agent: agent.machine, master: masterMachine, scheduler: framework.machine };
  const who = random.pick(['agent', 'master', 'scheduler'] as const) ?? 'master';
  const type = random.pick(LOST[who]);
  if (!type) return;
  const { ip } = machines[who];
  const senders = new Set<string>();
  sim.world.record('nemesis', `no ${type.fullName} to ${ip}`);
  const lost = mail.withhold(type, {
    when: (_body, { to, from }) => {
      if (to.ip !== ip || from.address === to.address) return false; // Within a node nothing is lost.
      senders.add(from.ip);
      return true;
    },
  });
  await sim.advance(random.between(1_000, BLACKHOLE_MS_MAX));
  lost.stop();
  for (const link of sim.network.links()) {
    const [client, server] = [link.client, link.server].map((address) => address.split(':')[0]);
    const joins = (a = '', b = ''): boolean => a === ip && senders.has(b);
    if (joins(client, server) || joins(server, client)) link.reset();
  }
}

/** Longer than an agent may be silent; or longer than it may be disconnected, too. */
export function longPartition(isVeryLong: boolean): (fault: Fault) => Promise<void> {
  return async ({ cluster: { sim }, random, agent }) => {
    const lastsMs = isVeryLong ? REREGISTER_MS : UNREACHABLE_MS;
    sim.network.isolate(agent.machine.ip);
    await sim.advance(lastsMs + random.between(1_000, UNREACHABLE_MS));
    sim.network.heal();
  };
}

/** An agent starts anew, and what it sent in its former life is still on its way. */
export async function latePackets({ cluster, random, agent }: Fault): Promise<void> {
  const { sim, masterMachine } = cluster;
  const { conditions } = sim.network;
  const between = [agent.machine.ip, masterMachine.ip] as const;
  conditions.setLatency({ minMs: 1_000, maxMs: LATE_MS_MAX }, between);
  await sim.advance(random.between(100, LATE_MS_MAX));
  cluster.killAgent(agent);
  conditions.clearLatency(between);
  await sim.advance(random.between(1, 500));
  await cluster.restartAgent(agent);
  await sim.advance(LATE_MS_MAX);
}

/** One side of a connection, or of all of one machine, does not come to reading. */
export async function slowReader({ cluster: { sim }, random, agent }: Fault): Promise<void> {
  const side = random.chance(0.5) ? 'client' : 'server';
  const all = sim.network.links();
  const one = random.pick(all);
  const ofAgent = all.filter(({ client }) => client.startsWith(`${agent.machine.ip}:`));
  const slow = random.chance(0.5) ? ofAgent : one ? [one] : [];
  const held = slow.map((link) => link.slowReader(side));
  await sim.advance(random.between(1_000, LASTS_MS_MAX));
  for (const each of held) each[Symbol.dispose]();
}
