import { describe, expect, test } from '@jest/globals';
import { Future } from '../../libprocess/future.ts';
import type { Connection, ConnectionEvents } from '../../libprocess/network.ts';
import type { SimNode, Simulation } from '../../libprocess/sim/index.ts';
import { forEachSeed } from './for-each-seed.ts';

const PORT = 5050;

/** Its number and its length. */
const nameOf = (frame: Uint8Array): string =>
  `${new DataView(frame.buffer, frame.byteOffset).getUint32(0)}:${frame.byteLength}`;

/** One end of a connection, and all it has sent and heard. */
class End {
  readonly sent: string[] = [];
  readonly heard: string[] = [];
  closes = 0;
  afterClose = 0;
  connection: Connection | undefined;
  readonly node: SimNode;

  constructor(node: SimNode) {
    this.node = node;
  }

  get open(): boolean {
    return this.connection !== undefined && this.closes === 0;
  }

  say(padding: number): void {
    if (!this.open) return;
    const frame = new Uint8Array(4 + padding);
    new DataView(frame.buffer).setUint32(0, this.sent.length);
    this.sent.push(nameOf(frame));
    this.connection?.send(frame);
  }

  readonly events: ConnectionEvents = {
    onFrame: (frame) => {
      this.heard.push(nameOf(frame));
      if (this.closes > 0) this.afterClose += 1;
    },
    onPong: () => {
      if (this.closes > 0) this.afterClose += 1;
    },
    onOverfull: () => undefined,
    onClose: () => {
      this.closes += 1;
    },
  };
}

interface Link {
  readonly client: End;
  readonly server: End;
}

function link(sim: Simulation, from: SimNode, to: SimNode): Link {
  const pair = { client: new End(from), server: new End(to) };
  const port = PORT + sim.random.between(1, 1_000_000);
  to.runtime.network.listen(
    { ip: '0.0.0.0', port },
    {
      upgrade: () => ({
        accept: true,
        headers: {},
        opened: (connection) => {
          pair.server.connection = connection;
          return pair.server.events;
        },
      }),
      request: () => Future.discarded(),
    },
  );
  const address = `${to.machine.ip}:${port}`;
  const options = { address, path: '/', headers: {}, timeoutMs: 60_000 };
  from.runtime.clock.timer(1, () => {
    from.runtime.network.dial(options, (outcome) => {
      if (outcome.kind === 'open') pair.client.connection = outcome.connection;
      return pair.client.events;
    });
  });
  return pair;
}

/** Something goes wrong, or comes right again. */
function misfortune(sim: Simulation, nodes: readonly SimNode[], links: readonly Link[]): void {
  const { random, network } = sim;
  const [a, b] = random.shuffle(nodes);
  const end = random.pick(links.flatMap(({ client, server }) => [client, server]));
  const known = random.pick(network.links());
  const one = random.between(0, 11);
  if (one < 3) for (let i = 0; i < 20; i += 1) end?.say(random.between(0, 60_000));
  else if (one === 3 && a && b) network.partition([a.machine.ip], [b.machine.ip]);
  else if (one === 4 && a && b) {
    network.partition([a.machine.ip], [b.machine.ip], { oneWay: true });
  } else if (one < 7) network.heal();
  else if (one === 7) known?.reset();
  else if (one === 8) known?.halfOpen(random.chance(0.5) ? 'client' : 'server');
  else if (one === 9) end?.connection?.pause();
  else if (one === 10) end?.connection?.resume();
  else if (random.chance(0.3)) end?.connection?.[random.chance(0.5) ? 'close' : 'terminate']();
}

function expectPrefix(heard: readonly string[], sent: readonly string[]): void {
  expect(heard).toEqual(sent.slice(0, heard.length));
}

describe('connections under partitions, losses, half-open ends and slow readers', () => {
  const name = 'keep order, end once, and deliver everything when all is well again';
  test(`${name}, at 150 seeds`, () =>
    forEachSeed({ seeds: 150, name }, async (sim) => {
      const nodes = [sim.node(), sim.node(), sim.node()];
      const links: Link[] = [];
      for (let i = 0; i < 6; i += 1) {
        const [from, to] = sim.random.shuffle(nodes);
        if (from && to) links.push(link(sim, from, to));
      }
      await sim.advance(100);
      for (let i = 0; i < 60; i += 1) {
        misfortune(sim, nodes, links);
        await sim.advance(sim.random.within(0, 3_000));
      }
      sim.network.heal();
      for (const { client, server } of links) {
        for (const end of [client, server]) {
          end.connection?.resume();
          end.say(1);
        }
      }
      await sim.advance(120_000);
      for (const { client, server } of links) {
        expectPrefix(server.heard, client.sent);
        expectPrefix(client.heard, server.sent);
        expect([client.afterClose, server.afterClose]).toEqual([0, 0]);
        expect(client.closes).toBeLessThanOrEqual(1);
        expect(server.closes).toBe(client.closes);
        if (!client.open) continue;
        expect(server.heard).toEqual(client.sent);
        expect(client.heard).toEqual(server.sent);
      }
    }));
});
