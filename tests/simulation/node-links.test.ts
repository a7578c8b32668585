import { describe, expect, test } from '@jest/globals';
import { startNode, UPID, type ProcessManager, type Request } from '../../libprocess/index.ts';
import { INBOUND_MESSAGES_HIGH } from '../../libprocess/transport/limits.ts';
import type { StartNodeOptions } from '../../libprocess/start-node.ts';
import { Simulation, type Machine, type SimNode } from '../../libprocess/sim/index.ts';
import { Chatter } from './chatter.ts';

interface Side {
  readonly sim: Simulation;
  readonly os: SimNode;
  readonly node: ProcessManager;
  readonly chatter: Chatter;
  readonly pid: UPID;
}

const PORT = 5050;

async function boot(
  sim: Simulation,
  options: { machine?: Machine } & Partial<StartNodeOptions> = {},
): Promise<Side> {
  const { machine = sim.machine(), ...rest } = options;
  const os = sim.boot(machine);
  const starting = startNode({ runtime: os.runtime, ip: machine.ip, port: PORT, ...rest });
  const node = await sim.complete(starting);
  const chatter = new Chatter('chatter');
  return { sim, os, node, chatter, pid: node.spawn(chatter) };
}

async function pair(seed: number): Promise<{ sim: Simulation; a: Side; b: Side }> {
  const sim = new Simulation({ seed });
  const [a, b] = [await boot(sim), await boot(sim)];
  return { sim, a, b };
}

const inOrder = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? -1));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

describe('two nodes that dial one another at once', () => {
  test('end with one connection, nothing lost and nothing out of order, in 300 rounds', async () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const { sim, a, b } = await pair(seed);
      const apartMs = seed % 3 === 0 ? sim.random.within(0, 5) : 0;
      a.chatter.watch(b.pid);
      a.chatter.say(b.pid, 20);
      sim.at(apartMs, () => {
        b.chatter.watch(a.pid);
        b.chatter.say(a.pid, 20);
      });
      await sim.advance(1_000);
      const outcome = [a.chatter, b.chatter].map(({ story }) => story);
      expect({ seed, outcome }).toEqual({ seed, outcome: [upTo(20), upTo(20)] });
      expect({ seed, links: sim.network.links().length }).toEqual({ seed, links: 1 });
    }
  });
});

describe('a link that breaks under load', () => {
  test('loses messages but neither reorders nor repeats them, and is told once a break', async () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const { sim, a, b } = await pair(seed);
      for (let round = 0; round < 30; round += 1) {
        a.chatter.watch(b.pid);
        b.chatter.watch(a.pid);
        a.chatter.say(b.pid, 10);
        b.chatter.say(a.pid, 10);
        await sim.advance(sim.random.within(1, 400));
        const links = sim.network.links();
        if (!sim.random.chance(0.3)) continue;
        const aware = sim.random.chance(0.5) ? 'client' : 'server';
        for (const link of links) {
          if (sim.random.chance(0.5)) link.reset();
          else link.halfOpen(aware);
        }
      }
      await sim.advance(60_000);
      a.chatter.say(b.pid, 1);
      b.chatter.say(a.pid, 1);
      await sim.advance(5_000);
      for (const [self, other] of [
        [a, b],
        [b, a],
      ] as const) {
        const { received, story } = self.chatter;
        expect({ seed, ordered: inOrder(received) }).toEqual({ seed, ordered: true });
        expect({ seed, last: received.at(-1) }).toEqual({ seed, last: other.chatter.sent - 1 });
        // A gap is told: between the last message before and the first after it stands an exit.
        const silent = story.filter((entry, index) => {
          const before = story[index - 1];
          return typeof entry === 'number' && typeof before === 'number' && entry !== before + 1;
        });
        expect({ seed, silent }).toEqual({ seed, silent: [] });
      }
      expect(sim.network.links()).toHaveLength(1);
    }
  });

  test('tells each linker once, however the break is noticed', async () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const { sim, a, b } = await pair(seed);
      a.chatter.watch(b.pid);
      b.chatter.watch(a.pid);
      await sim.advance(100);
      const [link] = sim.network.links();
      if (seed % 2 === 0) link?.reset();
      else link?.halfOpen(seed % 4 === 1 ? 'client' : 'server');
      await sim.advance(120_000);
      expect({ seed, exits: [a.chatter.exits, b.chatter.exits] }).toEqual({
        seed,
        exits: [[b.pid.toString()], [a.pid.toString()]],
      });
    }
  });

  test('is told to the side that did not notice, once the other dials again', async () => {
    const { sim, a, b } = await pair(1);
    a.chatter.watch(b.pid);
    b.chatter.watch(a.pid);
    await sim.advance(100);
    sim.network.links()[0]?.halfOpen('server');
    await sim.advance(600);
    expect([a.chatter.exits.length, b.chatter.exits.length]).toEqual([0, 1]);
    b.chatter.say(a.pid, 1);
    await sim.advance(20);
    expect(a.chatter.story).toEqual(['exited chatter', 0]);
  });

  test('over a partition, breaks on both sides by their pings', async () => {
    const { sim, a, b } = await pair(1);
    a.chatter.watch(b.pid);
    b.chatter.watch(a.pid);
    await sim.advance(100);
    sim.network.partition([a.os.machine.ip], [b.os.machine.ip]);
    await sim.advance(60_000);
    expect([a.chatter.exits, b.chatter.exits]).toEqual([[b.pid.toString()], [a.pid.toString()]]);
    sim.network.heal();
    a.chatter.say(b.pid, 1);
    await sim.advance(10_000);
    expect(b.chatter.received).toEqual([0]);
  });
});

describe('the end of a process on another node', () => {
  test('is told once to each linker, after its last message', async () => {
    const { sim, a, b } = await pair(1);
    a.chatter.watch(b.pid);
    await sim.advance(50);
    b.chatter.say(a.pid, 3);
    b.node.terminate(b.pid, { inject: false });
    await sim.advance(50);
    b.os.runtime.clock.timer(0, () => void b.node[Symbol.asyncDispose]());
    await sim.advance(60_000);
    expect(a.chatter.story).toEqual([0, 1, 2, 'exited chatter']);
  });

  test('is told at once of one that never was', async () => {
    const { sim, a, b } = await pair(1);
    a.chatter.watch(new UPID('nobody', b.node.address));
    await sim.advance(50);
    expect(a.chatter.exits).toEqual([`nobody@${b.node.address}`]);
  });

  test('is told of all on it when the node dies, and its next life is another', async () => {
    const { sim, a, b } = await pair(1);
    a.chatter.watch(b.pid);
    a.chatter.watch(new UPID('nobody', b.node.address));
    await sim.advance(50);
    sim.kill(b.os);
    await sim.advance(50);
    const next = await boot(sim, { machine: b.os.machine });
    next.chatter.say(a.pid, 1);
    await sim.advance(1_000);
    expect(a.chatter.story).toEqual(['exited nobody', 'exited chatter', 0]);
    expect(next.node.address).toBe(b.node.address);
  });

  test('where nobody listens is told when the dial fails, and not in a tight loop', async () => {
    const { sim, a, b } = await pair(1);
    sim.kill(b.os);
    a.chatter.watch(b.pid);
    await sim.advance(20);
    expect(a.chatter.exits).toHaveLength(1);
    a.chatter.watch(b.pid);
    await sim.advance(200);
    expect(a.chatter.exits).toHaveLength(1);
    await sim.advance(1_000);
    expect(a.chatter.exits).toHaveLength(2);
  });
});

describe('a peer that ends each connection at once', () => {
  test('does not make its linkers link in a tight loop', async () => {
    const sim = new Simulation({ seed: 1 });
    const a = await boot(sim);
    const other = sim.node();
    let connections = 0;
    sim.network.serveBytes(other.incarnation, other.machine, {
      port: PORT,
      accept: (client) => {
        connections += 1;
        client.close();
        return { onOpen: () => undefined, onBytes: () => undefined, onClose: () => undefined };
      },
    });
    class Stubborn extends Chatter {
      protected override initialize(): void {
        this.link(new UPID('master', `${other.machine.ip}:${PORT}`));
      }
      protected override exited(upid: UPID): void {
        super.exited(upid);
        this.post(upid, 'number', new Uint8Array(4));
        this.link(upid);
      }
    }
    const stubborn = new Stubborn('stubborn');
    a.node.spawn(stubborn);
    await sim.advance(10_000);
    expect(stubborn.exits.length).toBeGreaterThan(5);
    expect(stubborn.exits.length).toBeLessThan(25);
    expect(connections).toBeGreaterThan(5);
    expect(connections).toBeLessThan(50);
  });
});

describe('a link that broke without notice', () => {
  test('loses what is sent over it, and tells that it did [f1a7557]', async () => {
    const { sim, a, b } = await pair(1);
    a.chatter.watch(b.pid);
    a.chatter.say(b.pid, 5);
    await sim.advance(100);
    sim.network.links()[0]?.halfOpen('server');
    await sim.advance(1_000);
    expect(a.chatter.exits).toEqual([]);
    a.chatter.say(b.pid, 1);
    await sim.advance(5_000);
    expect(a.chatter.exits).toEqual([b.pid.toString()]);
    expect(b.chatter.received).toEqual(upTo(5));
    a.chatter.say(b.pid, 1);
    await sim.advance(1_000);
    expect(b.chatter.received).toEqual([...upTo(5), 6]);
  });
});

describe('a link asked to reconnect', () => {
  test('keeps a connection that answers and loses nothing', async () => {
    const { sim, a, b } = await pair(1);
    a.chatter.watch(b.pid);
    a.chatter.say(b.pid, 5);
    await sim.advance(100);
    a.chatter.watch(b.pid, 'reconnect');
    a.chatter.say(b.pid, 5);
    await sim.advance(100);
    expect(b.chatter.story).toEqual(upTo(10));
    expect(a.chatter.exits).toEqual([]);
  });

  test('replaces a half-open one and sends what was held back [9797dac]', async () => {
    const { sim, a, b } = await pair(1);
    a.chatter.watch(b.pid);
    a.chatter.say(b.pid, 5);
    await sim.advance(100);
    sim.network.links()[0]?.halfOpen('server');
    await sim.advance(1_000);
    a.chatter.watch(b.pid, 'reconnect');
    a.chatter.say(b.pid, 5);
    await sim.advance(5_000);
    expect(b.chatter.received).toEqual(upTo(10));
  });
});

describe('a peer that does not read', () => {
  test('is cut off once too much waits for it, and is told of', async () => {
    const { sim, a, b } = await pair(1);
    a.chatter.watch(b.pid);
    await sim.advance(50);
    sim.network.partition([a.os.machine.ip], [b.os.machine.ip]);
    a.chatter.say(b.pid, 70, 1_024 * 1_024);
    await sim.advance(1_000);
    expect(a.chatter.exits).toEqual([b.pid.toString()]);
  });
});

describe('a node whose processes do not keep up', () => {
  test('holds its peer back and takes the rest up later, in order', async () => {
    const { sim, a, b } = await pair(1);
    b.chatter.watch(a.pid);
    await sim.advance(50);
    const held: (() => void)[] = [];
    const count = 3 * INBOUND_MESSAGES_HIGH;
    // No turn of its run queue comes while its messages arrive.
    const { runQueue } = a.node;
    const push = runQueue.push.bind(runQueue);
    runQueue.push = (runnable) => void held.push(() => push(runnable));
    b.chatter.say(a.pid, count);
    await sim.advance(2_000);
    expect(a.chatter.received).toEqual([]);
    const waiting = a.node.waiting(a.pid, 'message');
    expect(waiting).toBeGreaterThan(INBOUND_MESSAGES_HIGH);
    expect(waiting).toBeLessThan(INBOUND_MESSAGES_HIGH + 20_000);
    runQueue.push = push;
    for (const resume of held) resume();
    await sim.advance(2_000);
    expect(a.chatter.received.length).toBe(count);
    expect(inOrder(a.chatter.received)).toBe(true);
    expect(b.chatter.exits).toEqual([]);
  });
});

describe('a message above the size limit', () => {
  test('is refused where it is sent; those around it arrive', async () => {
    const { sim, a, b } = await pair(1);
    a.chatter.say(b.pid, 1);
    a.chatter.say(b.pid, 1, 17 * 1_024 * 1_024);
    a.chatter.say(b.pid, 1);
    await sim.advance(1_000);
    expect(b.chatter.received).toEqual([0, 2]);
    expect(sim.logs.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});

describe('a message in the POST form', () => {
  const post = (from: string): Request => ({
    method: 'POST',
    path: '/chatter/number',
    query: {},
    headers: { 'libprocess-from': from },
    body: Uint8Array.of(0, 0, 0, 7),
    remoteAddress: '10.0.0.9:40000',
  });

  test.each([
    ['peer@10.0.0.9:5051', true, 202],
    ['peer@10.0.0.8:5051', true, 400],
    ['peer@10.0.0.8:5051', false, 202],
    ['nonsense', false, 202],
    ['chatter@10.0.0.1:5050', false, 400],
  ])('from %s is answered, the IPs to match: %s, with %i', async (from, match, status) => {
    const sim = new Simulation();
    const a = await boot(sim, { requirePeerAddressIpMatch: match });
    const other = sim.node({ ip: '10.0.0.9' });
    const request = other.runtime.network.request(a.node.address, post(from), { timeoutMs: 1_000 });
    expect((await sim.complete(request)).status).toBe(status);
    await sim.advance(10);
    expect(a.chatter.received).toEqual(status === 202 ? [7] : []);
  });

  test('from elsewhere cannot speak for a node that is linked', async () => {
    const { sim, a, b } = await pair(1);
    a.chatter.watch(b.pid);
    await sim.advance(50);
    const { network } = sim.node({ ip: '10.0.0.9' }).runtime;
    const request = network.request(a.node.address, post(b.pid.toString()), { timeoutMs: 1_000 });
    expect((await sim.complete(request)).status).toBe(400);
    expect(a.chatter.received).toEqual([]);
  });
});

describe('a peer that cannot be called back', () => {
  test('is believed about the address of this very machine', async () => {
    const sim = new Simulation({ seed: 1 });
    const machine = sim.machine();
    const a = await boot(sim, { machine, ip: '0.0.0.0' });
    const b = await boot(sim, { machine, ip: '0.0.0.0', port: PORT + 1 });
    b.chatter.say(new UPID('chatter', `127.0.0.1:${PORT}`), 1);
    await sim.advance(50);
    a.chatter.say(b.pid, 1);
    await sim.advance(50);
    expect([a.chatter.received, b.chatter.received]).toEqual([[0], [0]]);
    expect(sim.network.links()).toHaveLength(1);
    expect(a.node.address).toBe(`${machine.ip}:${PORT}`);
  });

  test('is answered over its own connection only', async () => {
    const sim = new Simulation({ seed: 1 });
    const a = await boot(sim);
    const hidden = await boot(sim, { advertiseIp: '192.168.7.7' });
    hidden.chatter.watch(a.pid);
    await sim.advance(50);
    let from: UPID | undefined;
    class Answering extends Chatter {
      constructor() {
        super('answering');
        this.installRaw('number', (sender, body) => {
          from = sender;
          this.post(sender, 'number', body);
        });
      }
    }
    const answering = a.node.spawn(new Answering());
    hidden.chatter.say(answering, 3);
    await sim.advance(50);
    expect(hidden.chatter.received).toEqual([0, 1, 2]);
    expect(from?.ip).toBe(hidden.os.machine.ip);
    expect(from?.address).not.toBe(hidden.node.address);
  });
});
