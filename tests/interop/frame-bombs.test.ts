import net from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { SILENT_LOGGER, startNode } from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';

const runtime = () => nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER });

async function attacked(attack: (socket: WebSocket, raw: net.Socket) => void): Promise<void> {
  await using node = await startNode({ runtime: runtime() });
  const headers = {
    'libprocess-from': '127.0.0.1:9',
    'libprocess-incarnation': 'x',
    'libprocess-dial': '1',
  };
  let raw: net.Socket | undefined;
  const socket = new WebSocket(`ws://${node.address}/libprocess`, 'libprocess.1', {
    headers,
    createConnection: () => (raw = net.connect(Number(node.address.split(':')[1]), '127.0.0.1')),
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('open', () => {
    if (raw) attack(socket, raw);
  });
  await closed;
  const answer = await fetch(`http://${node.address}/__processes__`);
  expect(answer.status).toBe(200);
}

describe('a peer is cut off, and nobody else', () => {
  test.each<[string, (socket: WebSocket, raw: net.Socket) => void]>([
    [
      'a frame that claims 2^62 bytes',
      (_socket, raw) => raw.write(Buffer.from([0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])),
    ],
    ['reserved bits', (_socket, raw) => raw.write(Buffer.from([0xf2, 0x80, 1, 2, 3, 4]))],
    ['an unmasked frame', (_socket, raw) => raw.write(Buffer.from([0x82, 0x01, 0]))],
    ['a text frame', (socket) => socket.send('hello')],
    [
      'a frame that is no batch',
      (socket) => socket.send(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff])),
    ],
    [
      'a message of names that were never told',
      (socket) => socket.send(Buffer.from([5, 2, 9, 9, 9, 0])),
    ],
    ['a link to a process without a name', (socket) => socket.send(Buffer.from([2, 3, 7]))],
    [
      'a hundred fragments',
      (socket) => {
        for (let i = 0; i < 100; i += 1) socket.send(Buffer.of(1), { fin: false });
      },
    ],
    [
      'a hundred pings at once',
      (socket) => {
        for (let i = 0; i < 100; i += 1) socket.ping();
      },
    ],
  ])('after %s', async (_what, attack) => {
    await attacked(attack);
  });
});
