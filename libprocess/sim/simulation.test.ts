import { describe, expect, test } from '@jest/globals';
import { Future } from '../future.ts';
import type { Acceptor, Connection, ConnectionEvents } from '../network.ts';
import { Simulation } from './simulation.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

interface Pair {
  readonly sim: Simulation;
  readonly client: Connection;
  readonly server: Connection;
  readonly heard: { client: string[]; server: string[] };
  readonly clientIp: string;
  readonly serverIp: string;
  readonly nodes: {
    client: ReturnType<Simulation['node']>;
    server: ReturnType<Simulation['node']>;
  };
}

/** Two nodes with one open connection between them. */
async function pair(seed = 1): Promise<Pair> {
  const sim = new Simulation({ seed });
  const nodes = { server: sim.node({ name: 'server' }), client: sim.node({ name: 'client' }) };
  const heard: Pair['heard'] = { client: [], server: [] };
  const listen = (log: string[]): ConnectionEvents => ({
    onFrame: (frame) => log.push(text(frame)),
    onPong: () => log.push('pong'),
    onOverfull: (reason) => log.push(`overfull: ${reason}`),
    onClose: (reason) => log.push(`closed: ${reason}`),
  });
  const opened: { client?: Connection; server?: Connection } = {};
  const listening = nodes.server.runtime.network.listen(
    { ip: '0.0.0.0', port: 5050 },
    {
      upgrade: () => ({
        accept: true,
        headers: {},
        opened: (connection) => {
          opened.server = connection;
          return listen(heard.server);
        },
      }),
      request: () => {
        throw new Error('not used here');
      },
    },
  );
  await sim.complete(listening);
  const address = `${nodes.server.machine.ip}:5050`;
  nodes.client.runtime.network.dial(
    { address, path: '/', headers: {}, timeoutMs: 5_000 },
    (outcome) => {
      if (outcome.kind !== 'open') return undefined;
      opened.client = outcome.connection;
      return listen(heard.client);
    },
  );
  await sim.until(() => opened.client !== undefined);
  const { client, server } = opened;
  if (!client || !server) throw new Error('no connection');
  const ips = { clientIp: nodes.client.machine.ip, serverIp: nodes.server.machine.ip };
  return { sim, client, server, heard, nodes, ...ips };
}

describe('a simulation', () => {
  async function story(seed: number): Promise<string> {
    const { sim, client, server, clientIp, serverIp, nodes } = await pair(seed);
    for (let i = 0; i < 50; i += 1) {
      const { clock, random } = nodes.client.runtime;
      clock.timer(random.next() * 100, () => client.send(bytes(`${i} ${random.uuid()}`)));
      nodes.server.runtime.clock.timer(i, () => server.send(bytes(String(i))));
    }
    sim.at(40, () => sim.network.partition([clientIp], [serverIp]));
    sim.at(400, () => sim.network.heal());
    sim.at(700, () => sim.kill(nodes.client));
    await sim.advance(2_000);
    return sim.trace.hash;
  }

  test('is the same run for the same seed, and another for another', async () => {
    const hashes = [await story(7), await story(7), await story(8)];
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  test('fires equal deadlines of one node in the order in which they were set', async () => {
    const sim = new Simulation();
    const { clock } = sim.node().runtime;
    const fired: number[] = [];
    for (let i = 0; i < 20; i += 1) clock.timer(10, () => fired.push(i));
    await sim.advance(10);
    expect(fired).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test('lets the seed decide which of two nodes acts first at one moment', async () => {
    const firsts = new Set<string>();
    for (let seed = 0; seed < 20; seed += 1) {
      const sim = new Simulation({ seed });
      const order: string[] = [];
      for (const name of ['a', 'b']) {
        sim.node({ name }).runtime.clock.timer(10, () => order.push(name));
      }
      await sim.advance(10);
      firsts.add(order.join());
    }
    expect([...firsts].sort()).toEqual(['a,b', 'b,a']);
  });

  test('lets the seed decide whose scheduled turn comes first, each keeping its own order', async () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 20; seed += 1) {
      const sim = new Simulation({ seed });
      const order: string[] = [];
      for (const name of ['a', 'b']) {
        const { runtime } = sim.node({ name });
        for (const turn of [1, 2]) runtime.schedule(() => order.push(`${name}${turn}`));
      }
      await sim.settle();
      orders.add(order.join());
    }
    expect([...orders].sort()).toEqual(['a1,a2,b1,b2', 'b1,b2,a1,a2']);
  });

  test('serves what is due between the turns of a node that is always busy', async () => {
    const sim = new Simulation();
    const { runtime } = sim.node();
    const story: string[] = [];
    let turns = 0;
    const turn = (): void => {
      turns += 1;
      if (turns < 1_000) runtime.schedule(turn);
    };
    turn();
    runtime.clock.timer(0, () => story.push(`timer after ${turns} turns`));
    await sim.settle();
    expect(turns).toBe(1_000);
    expect(story).toEqual(['timer after 2 turns']);
  });

  test('names a run whose time stands still instead of hanging', async () => {
    const sim = new Simulation();
    const { runtime } = sim.node();
    const again = (): void => runtime.schedule(again);
    again();
    await expect(sim.advance(1)).rejects.toMatchObject({ code: 'SIMULATION_STALLED' });
  });

  test('settles promise chains of any length before the next event', async () => {
    const sim = new Simulation();
    const { clock } = sim.node().runtime;
    const seen: string[] = [];
    const long = async (): Promise<void> => {
      for (let i = 0; i < 1_000; i += 1) await Promise.resolve();
      seen.push('chain');
    };
    clock.timer(1, () => void long());
    clock.timer(1, () => seen.push('next'));
    await sim.advance(1);
    expect(seen).toEqual(['chain', 'next']);
  });
});

describe('a wall clock that an operator sets', () => {
  test('jumps on its machine alone, and no timer notices', async () => {
    const sim = new Simulation();
    const [here, there] = [sim.node({ wallClockAheadMs: 500 }), sim.node()];
    expect(here.runtime.clock.now() - there.runtime.clock.now()).toBe(500);
    let fired = 0;
    here.runtime.clock.timer(1_000, () => (fired += 1));
    await sim.advance(400);
    const monotonicMs = here.runtime.clock.monotonic();
    here.machine.setWallClockAhead(-86_400_000);
    expect(here.runtime.clock.now() - there.runtime.clock.now()).toBe(-86_400_000);
    expect(here.runtime.clock.monotonic()).toBe(monotonicMs);
    await sim.advance(599);
    expect(fired).toBe(0);
    await sim.advance(1);
    expect(fired).toBe(1);
  });
});

describe('a killed node', () => {
  test('runs nothing more: no timer, no scheduled thunk, no continuation, no finally', async () => {
    const sim = new Simulation();
    const node = sim.node();
    const { clock, runtime } = { clock: node.runtime.clock, runtime: node.runtime };
    const after: string[] = [];
    const delay = (ms: number): Promise<void> =>
      new Promise((resolve) => void clock.timer(ms, resolve));
    const work = async (): Promise<void> => {
      try {
        await Promise.all([delay(10), delay(20)]);
        after.push('continued');
      } finally {
        after.push('finally');
      }
    };
    void work();
    clock.timer(15, () => runtime.schedule(() => after.push('scheduled')));
    runtime.schedule(() => clock.timer(16, () => after.push('timer')));
    await sim.advance(12);
    sim.kill(node);
    clock.timer(1, () => after.push('set when dead'));
    await sim.advance(1_000);
    expect(after).toEqual([]);
  });

  test('held by SIGSTOP does nothing, and then everything in order', async () => {
    const sim = new Simulation();
    const { runtime, incarnation } = sim.node();
    const fired: number[] = [];
    for (const at of [1, 2, 3]) runtime.clock.timer(at, () => fired.push(at));
    runtime.clock.timer(50, () => fired.push(50));
    incarnation.stop();
    await sim.advance(49);
    expect(fired).toEqual([]);
    incarnation.resume();
    await sim.advance(1);
    expect(fired).toEqual([1, 2, 3, 50]);
  });

  test('has its connections ended by its kernel', async () => {
    const { sim, heard, nodes } = await pair();
    sim.kill(nodes.client);
    await sim.advance(1_000);
    expect(heard.server).toEqual(['closed: connection reset']);
    expect(heard.client).toEqual([]);
  });

  test('frees its port at once', async () => {
    const { sim, nodes } = await pair();
    const again: Acceptor = {
      upgrade: () => ({ accept: false, status: 404, headers: {} }),
      request: () => Future.discarded(),
    };
    const other = sim.boot(nodes.server.machine);
    const listen = () => other.runtime.network.listen({ ip: '0.0.0.0', port: 5050 }, again);
    await expect(sim.complete(listen())).rejects.toMatchObject({ code: 'EADDRINUSE' });
    sim.kill(nodes.server);
    expect((await sim.complete(listen())).port).toBe(5050);
  });
});

describe('the simulated network', () => {
  test('delivers in order whatever the latency', async () => {
    const { sim, client, heard } = await pair();
    sim.network.conditions.setLatency({ minMs: 0, maxMs: 500 });
    const sent = Array.from({ length: 100 }, (_, i) => String(i));
    for (const frame of sent) client.send(bytes(frame));
    await sim.advance(60_000);
    expect(heard.server).toEqual(sent);
  });

  test('delays through a partition and loses nothing when it heals', async () => {
    const { sim, client, heard, clientIp, serverIp } = await pair();
    sim.network.partition([clientIp], [serverIp]);
    for (const frame of ['a', 'b', 'c']) client.send(bytes(frame));
    await sim.advance(60_000);
    expect(heard.server).toEqual([]);
    sim.network.heal();
    await sim.advance(5_000);
    expect(heard.server).toEqual(['a', 'b', 'c']);
  });

  test('lets nothing overtake what a partition has held up', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const { sim, client, heard, clientIp, serverIp } = await pair(seed);
      sim.network.partition([clientIp], [serverIp]);
      for (const frame of ['a', 'b']) client.send(bytes(frame));
      await sim.advance(10_000);
      client.send(bytes('c'));
      await sim.settle();
      sim.network.heal(); // While the last one is on its way.
      await sim.advance(5_000);
      expect(heard.server).toEqual(['a', 'b', 'c']);
    }
  });

  test('can cut one direction alone', async () => {
    const { sim, client, server, heard, clientIp, serverIp } = await pair();
    sim.network.partition([serverIp], [clientIp], { oneWay: true });
    client.send(bytes('there'));
    server.send(bytes('back'));
    client.ping();
    await sim.advance(10_000);
    expect(heard).toEqual({ client: [], server: ['there'] });
  });

  test('gives a connection up after fifteen minutes of retransmission', async () => {
    const { sim, client, heard, clientIp, serverIp } = await pair();
    sim.network.partition([clientIp], [serverIp]);
    client.send(bytes('lost'));
    await sim.advance(930_000);
    expect(heard.client).toEqual(['closed: connection timed out']);
    expect(heard.server).toEqual([]);
  });

  test('tells both sides of a lost connection, after a prefix of what was under way', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const { sim, client, heard } = await pair(seed);
      sim.network.conditions.setLatency({ minMs: 0, maxMs: 1_000 });
      const sent = Array.from({ length: 10 }, (_, i) => String(i));
      for (const frame of sent) client.send(bytes(frame));
      sim.network.links()[0]?.reset();
      await sim.advance(60_000);
      expect(heard.client).toEqual([expect.stringMatching(/^closed: connection (lost|reset)$/)]);
      expect(heard.server.filter((line) => line.startsWith('closed'))).toHaveLength(1);
      expect(heard.server.slice(0, -1)).toEqual(sent.slice(0, heard.server.length - 1));
    }
  });

  test('lets the unaware side of a half-open connection find out when it sends', async () => {
    const { sim, client, heard } = await pair();
    sim.network.links()[0]?.halfOpen('server');
    await sim.advance(3_600_000);
    expect(heard).toEqual({ client: [], server: ['closed: connection lost'] });
    client.send(bytes('anybody there'));
    await sim.advance(1_000);
    expect(heard.client).toEqual(['closed: connection reset']);
  });

  test('leaves the peers of a machine without power half-open until it is back', async () => {
    const { sim, client, heard, nodes } = await pair();
    sim.powerOff(nodes.server.machine);
    client.send(bytes('hello'));
    await sim.advance(60_000);
    expect(heard.client).toEqual([]);
    sim.powerOn(nodes.server.machine);
    await sim.advance(5_000);
    expect(heard.client).toEqual(['closed: connection reset']);
  });

  test('holds a sender back when the reader does not read', async () => {
    const { sim, client, server, heard } = await pair();
    server.pause();
    for (let i = 0; i < 16; i += 1) client.send(new Uint8Array(64 * 1_024));
    await sim.advance(1_000);
    expect(heard.server).toEqual([]);
    expect(client.bufferedBytes).toBe(12 * 64 * 1_024);
    server.resume();
    await sim.advance(1_000);
    expect(heard.server).toHaveLength(16);
    expect(client.bufferedBytes).toBe(0);
  });
});
