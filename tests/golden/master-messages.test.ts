import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { ProcessManager } from '../../libprocess/process-manager.ts';
import { Simulation, type Machine, type SimNode } from '../../libprocess/sim/index.ts';
import { startNode } from '../../libprocess/start-node.ts';
import { UPID } from '../../libprocess/upid.ts';
import { InMemoryStorage, startMaster } from '../../master/index.ts';
import { wireTypes } from '../../proto/generated/all.ts';
import { Replayer } from '../support/replayer.ts';

const MASTER = 'master@127.0.0.1:17050';

interface Row {
  readonly event?: string;
  readonly source?: string;
  readonly from?: string;
  readonly to?: string;
  readonly name?: string;
  readonly body?: string;
}

const read = (story: string): Row[] =>
  readFileSync(new URL(`libprocess/${story}.jsonl`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);

/** The agent of all stories: registers, and tells its resource version. */
const AGENT_REGISTERS = read('agent-registers').filter(
  ({ name }) => name && !/Ping|Pong/.test(name),
);

interface Peer {
  readonly actor: Replayer;
  readonly process: SimNode;
  /** How many of its messages have been compared. */
  compared: number;
}

/** A master of ours among peers that do what was recorded, at the recorded addresses. */
class Replay {
  readonly #sim = new Simulation();
  readonly #host: Machine = this.#sim.machine({ ip: '127.0.0.1', name: 'localhost' });
  readonly #peers = new Map<string, Peer>();
  /** Recorded ids, and ours in their place. */
  readonly #ids = new Map<string, string>();
  readonly compared: string[] = [];

  static async start(): Promise<Replay> {
    const replay = new Replay();
    const node = await replay.#node(17_050);
    startMaster({ node: node.manager, storage: new InMemoryStorage(), flags: FLAGS });
    await replay.#sim.settle();
    return replay;
  }

  async play(rows: readonly Row[]): Promise<void> {
    for (const row of rows) await this.#step(row);
  }

  async #step(row: Row): Promise<void> {
    if (row.event === 'fin') this.#ended(row.source ?? '');
    if (row.from === undefined || row.to === undefined || row.name === undefined) return;
    if (row.to === MASTER) {
      const peer = await this.#peer(row.from);
      const message = this.#ours(decode(row));
      peer.actor.deliver(UPID.parse(MASTER) ?? peer.actor.self, row.name, message);
    } else if (row.from === MASTER) {
      await this.#compare(await this.#peer(row.to), row);
    }
  }

  /** The next message of the master to that peer is the recorded one. */
  async #compare(peer: Peer, row: Row): Promise<void> {
    const fromMaster = () => peer.actor.received.filter(({ from }) => from.toString() === MASTER);
    await this.#sim.until(() => fromMaster().length > peer.compared, 10_000);
    const received = fromMaster()[peer.compared];
    peer.compared += 1;
    const recorded = decode(row);
    if (received?.name === row.name) this.#learn(recorded, received?.message);
    expect({ name: received?.name, message: comparable(received?.message) }).toEqual({
      name: row.name,
      message: comparable(this.#ours(recorded)),
    });
    this.compared.push(row.name ?? '');
  }

  /** Ids stand in the same places. */
  #learn(recorded: unknown, ours: unknown): void {
    if (typeof recorded === 'string' && typeof ours === 'string') {
      if (ID.test(recorded) && ID.test(ours)) this.#ids.set(recorded, ours);
    } else if (isObject(recorded) && isObject(ours)) {
      for (const [key, value] of Object.entries(recorded)) this.#learn(value, ours[key]);
    }
  }

  /** `recorded` with our ids. */
  #ours(recorded: unknown): unknown {
    if (typeof recorded === 'string') return this.#ids.get(recorded) ?? recorded;
    if (Array.isArray(recorded)) return recorded.map((one) => this.#ours(one));
    if (!isObject(recorded) || recorded instanceof Uint8Array) return recorded;
    return Object.fromEntries(
      Object.entries(recorded).map(([key, value]) => [key, this.#ours(value)]),
    );
  }

  async #peer(pid: string): Promise<Peer> {
    const known = this.#peers.get(pid);
    if (known) return known;
    const upid = UPID.parse(pid);
    if (!upid) throw new Error(`'${pid}' is a UPID`);
    const { manager, process } = await this.#node(upid.port);
    const peer: Peer = { actor: new Replayer(upid.id), process, compared: 0 };
    manager.spawn(peer.actor);
    this.#peers.set(pid, peer);
    return peer;
  }

  async #node(port: number): Promise<{ manager: ProcessManager; process: SimNode }> {
    const process = this.#sim.boot(this.#host);
    const started = startNode({ runtime: process.runtime, ip: '127.0.0.1', port });
    return { manager: await this.#sim.complete(started), process };
  }

  /** The process that listened there is gone. */
  #ended(address: string): void {
    for (const [pid, { process }] of this.#peers) {
      if (pid.endsWith(`@${address}`)) this.#sim.kill(process);
    }
  }
}

const FLAGS = { hostname: 'localhost', agentPingTimeoutMs: 2_000 };

/** Ids of masters, frameworks, agents and offers. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(-(S|O)?\d+)?$/;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

function decode({ name, body }: Row): unknown {
  const bytes = Uint8Array.from(Buffer.from(body ?? '', 'base64'));
  return wireTypes.get(name ?? '')?.decode(bytes);
}

/** Fields that differ from run to run, or whose order means nothing. */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) {
    const all = value.map(comparable);
    const named = all.every((one) => isObject(one) && typeof one['name'] === 'string');
    return named ? all.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)) : all;
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value)
    .filter(([key]) => key !== 'resource_version_uuids')
    .map(([key, field]) => [key, comparable(field)] as const);
  return Object.fromEntries(entries);
}

const nameOf = (value: unknown): string =>
  isObject(value) && typeof value['name'] === 'string' ? value['name'] : '';

describe('what the master sends, held against Mesos', () => {
  test.each([
    ['v0-driver-command-tasks', 20],
    ['v0-driver-custom-executor', 25],
    ['v0-driver-framework-killed', 6],
  ])('in the story %s', async (story, messagesMin) => {
    const replay = await Replay.start();
    await replay.play(AGENT_REGISTERS);
    await replay.play(read(story));
    expect(replay.compared.length).toBeGreaterThanOrEqual(messagesMin);
  });
});
