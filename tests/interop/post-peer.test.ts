import net, { type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { SILENT_LOGGER, startNode, UPID } from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import { Chatter } from '../simulation/chatter.ts';

const runtime = () => nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER });

/**
 * Behaves as C++ libprocess does on the wire: 404 to an upgrade, 202 to each message, and what it
 * has to say goes over a connection of its own.
 */
class PostPeer implements AsyncDisposable {
  /** Request heads and bodies as they came, upgrades apart. */
  received = '';
  upgrades = 0;
  readonly sockets = new Set<Socket>();
  readonly #server: Server;
  #onChange: () => void = () => undefined;

  constructor() {
    this.#server = net.createServer((socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        this.#data(socket, chunk.toString('latin1'));
      });
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = () => {
        if (condition()) resolve();
      };
      this.#onChange();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #data(socket: Socket, text: string): void {
    if (text.startsWith('GET ')) {
      this.upgrades += 1;
      socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 14\r\n\r\n404 Not Found.');
    } else {
      this.received += text;
      const messages = text.split('POST /').length - 1;
      socket.write('HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n'.repeat(messages));
    }
    this.#onChange();
  }
}

async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a peer that speaks only the POST form', () => {
  test('is asked once, gets its messages in order, and is heard on its own connection', async () => {
    await using peer = new PostPeer();
    const port = await peer.listen();
    await using node = await startNode({ runtime: runtime() });
    const chatter = new Chatter('chatter');
    const pid = node.spawn(chatter);
    const remote = new UPID('master', `127.0.0.1:${port}`);
    chatter.watch(remote);
    chatter.say(remote, 300);
    const numbers = () =>
      [...peer.received.matchAll(/\r\n4\r\n([^]{4})\r\n0\r\n\r\n/g)].map(([, body = '']) =>
        Buffer.from(body, 'latin1').readUInt32BE(),
      );
    await peer.until(() => numbers().length === 300);
    expect(numbers()).toEqual(Array.from({ length: 300 }, (_, number) => number));
    expect(peer.upgrades).toBe(1);
    expect(peer.received.slice(0, peer.received.indexOf('\r\n\r\n'))).toBe(
      [
        'POST /master/number HTTP/1.1',
        `User-Agent: libprocess/${pid.toString()}`,
        `Libprocess-From: ${pid.toString()}`,
        'Connection: Keep-Alive',
        `Host: ${remote.address}`,
        'Transfer-Encoding: chunked',
      ].join('\r\n'),
    );

    const back = net.connect(pid.port, '127.0.0.1');
    back.on('error', () => undefined);
    const post = `POST /chatter/number HTTP/1.1\r\nUser-Agent: libprocess/${remote.toString()}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\0\0\0\x2a\r\n0\r\n\r\n`;
    back.write(post, 'latin1');
    await eventually(() => chatter.received.length === 1);
    expect(chatter.story).toEqual([42]);
    back.destroy();

    for (const socket of peer.sockets) socket.destroy();
    await eventually(() => chatter.exits.length > 0);
    expect(chatter.exits).toEqual([remote.toString()]);
  });

  test('that speaks first is not asked at all', async () => {
    await using peer = new PostPeer();
    const port = await peer.listen();
    await using node = await startNode({ runtime: runtime() });
    const chatter = new Chatter('chatter');
    const pid = node.spawn(chatter);
    const remote = new UPID('slave(1)', `127.0.0.1:${port}`);
    const socket = net.connect(pid.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `POST /chatter/number HTTP/1.1\r\nLibprocess-From: ${remote.toString()}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\0\0\0\x01\r\n0\r\n\r\n`,
    );
    await eventually(() => chatter.received.length === 1);
    chatter.say(remote, 1);
    await peer.until(() => peer.received.includes('\r\n0\r\n\r\n'));
    expect(peer.upgrades).toBe(0);
    expect(peer.received).toMatch(/^POST \/slave\(1\)\/number HTTP\/1.1\r\n/);
    socket.destroy();
  });
});
