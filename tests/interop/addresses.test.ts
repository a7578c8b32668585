import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, test } from '@jest/globals';
import {
  SILENT_LOGGER,
  startNode,
  UPID,
  type Future,
  type Listener,
  type PID,
  type ProcessManager,
  type StartNodeOptions,
} from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import { Chatter } from '../simulation/chatter.ts';
import { eventually } from '../support/secure-node.ts';

interface Talker extends AsyncDisposable {
  readonly node: ProcessManager;
  readonly chatter: Chatter;
  readonly upid: UPID;
  /** Where it listens, whatever it tells others. */
  readonly port: number;
}

class HeardNetwork extends NodeNetwork {
  port = 0;

  override listen(...[address, acceptor]: Parameters<NodeNetwork['listen']>): Future<Listener> {
    const listening = super.listen(address, acceptor);
    listening.onReady(({ port }) => (this.port = port));
    return listening;
  }
}

async function start(options: Omit<StartNodeOptions, 'runtime'> = {}): Promise<Talker> {
  const network = new HeardNetwork();
  const runtime = nodeRuntime({ network, logger: SILENT_LOGGER });
  const node = await startNode({ runtime, environment: {}, ...options });
  const chatter = new Chatter('chatter');
  const pid: PID<Chatter> = node.spawn(chatter);
  return {
    node,
    chatter,
    upid: new UPID(pid.id, node.address),
    port: network.port,
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

/** Links and numbers both ways; each hears all, from the address of the other. */
async function converse(a: Talker, b: Talker): Promise<void> {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.chatter.watch(to.upid);
    from.chatter.say(to.upid, 50);
  }
  await eventually(() => a.chatter.story.length === 50 && b.chatter.story.length === 50);
}

/** A proxy in front of a port, as address translation is. */
class Forwarder implements AsyncDisposable {
  readonly sockets = new Set<net.Socket>();
  connections = 0;
  target = 0;
  readonly #server = net.createServer((socket) => {
    this.connections += 1;
    const behind = net.connect(this.target, '127.0.0.1');
    for (const [from, to] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      this.sockets.add(from);
      from.on('error', () => undefined);
      from.once('close', () => to.destroy());
      from.pipe(to);
    }
  });

  async listen(): Promise<number> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return (this.#server.address() as net.AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe('IPv6', () => {
  test('is spoken between nodes of that family, known by one spelling', async () => {
    await using a = await start({ ip: '0:0:0:0:0:0:0:1' });
    await using b = await start({ ip: '::1' });
    expect([a.node.address, b.node.address]).toEqual([
      expect.stringMatching(/^\[::1\]:\d+$/),
      expect.stringMatching(/^\[::1\]:\d+$/),
    ]);
    await converse(a, b);
    const written = UPID.parse(`chatter@[0:0::1]:${b.upid.port}`);
    expect(written?.equals(b.upid)).toBe(true);
  });

  test('is spoken with nodes of the other family by one that listens on both', async () => {
    await using both = await start({ ip: '127.0.0.1', ip6: '::1' });
    await using old = await start({ ip: '127.0.0.1' });
    await using modern = await start({ ip: '::1' });
    expect(both.node.address).toMatch(/^127\.0\.0\.1:/);
    await converse(both, old);
    both.chatter.received.length = 0;
    const viaIpv6 = new UPID('chatter', `[::1]:${both.upid.port}`);
    modern.chatter.say(viaIpv6, 50);
    await eventually(() => both.chatter.received.length === 50);
  });

  test('is listened on together with IPv4 by the address of all', async () => {
    await using all = await start({ ip: '::', advertiseIp: '::1' });
    await using old = await start({ ip: '127.0.0.1' });
    await using modern = await start({ ip: '::1' });
    await converse(all, modern);
    old.chatter.say(new UPID('chatter', `127.0.0.1:${all.upid.port}`), 50);
    await eventually(() => all.chatter.received.length === 100);
  });

  test('on a port that is taken there gives the other one back', async () => {
    await using taken = await start({ ip: '::1' });
    const { port } = taken.upid;
    const wanted = { ip: '127.0.0.1', ip6: '::1', port };
    await expect(start(wanted)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await using free = await start({ ip: '127.0.0.1', port });
    expect(free.upid.port).toBe(port);
  });
});

describe('an advertised address', () => {
  test('is what others are told and reach the node by, through a proxy', async () => {
    await using proxy = new Forwarder();
    const port = await proxy.listen();
    await using hidden = await start({ advertiseIp: '127.0.0.1', advertisePort: port });
    await using other = await start();
    proxy.target = hidden.port;
    expect(hidden.node.address).toBe(`127.0.0.1:${port}`);
    other.chatter.watch(hidden.upid);
    other.chatter.say(hidden.upid, 50);
    await eventually(() => hidden.chatter.received.length === 50);
    hidden.chatter.watch(other.upid);
    hidden.chatter.say(other.upid, 50);
    await eventually(() => other.chatter.received.length === 50);
    // Answers go back over the connection that there is.
    expect(proxy.connections).toBe(1);
    for (const socket of proxy.sockets) socket.destroy();
    await eventually(() => other.chatter.exits.length === 1 && hidden.chatter.exits.length === 1);
  });
});
