import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { SILENT_LOGGER, startNode } from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import { CONTINUATION, frame, long, PONG, upgrade } from '../support/raw-peer.ts';

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

/** A node that has its memory to itself. */
class AttackedNode implements Disposable {
  readonly port: number;
  readonly #child: ChildProcess;

  static async start(): Promise<AttackedNode> {
    const child = fork(fileURLToPath(new URL('./attacked-node.js', import.meta.url)), {
      execArgv: [],
    });
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    return new AttackedNode(child, port);
  }

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** By how much its memory has grown at most, and how many links it has cut for it. */
  async told(): Promise<{ grownBytes: number; counted: number }> {
    this.#child.send('libprocess/unfinished_frames');
    const [told] = (await once(this.#child, 'message')) as [
      { grownBytes: number; counted: number },
    ];
    return told;
  }

  /** Sends the same over many links at once. Settles when all but `left` of them are cut. */
  async flood(links: number, bytes: Uint8Array, left: number): Promise<void> {
    let open = links;
    await new Promise<void>((resolve) => {
      for (let n = 0; n < links; n += 1) {
        void upgrade(this.port).then(({ socket }) => {
          socket.resume().write(bytes);
          socket.once('end', () => socket.destroy());
          socket.once('close', () => {
            open -= 1;
            if (open <= left) resolve();
          });
        });
      }
    });
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }
}

describe('the memory of a node is not for one IP to fill [X19]', () => {
  const MIB = 1_024 ** 2;
  /** What one IP may have, twice, as what is given back is not free at once; and what a busy program takes. */
  const GROWTH_BYTES_MAX = (2 * 64 + 64) * MIB;
  const pong = frame({ opcode: PONG }, Array<number>(125).fill(0));
  const pongs = Array.from({ length: 500 }, () => pong).flat();

  test.each<[string, { links: number; bytes: Uint8Array; left: number }]>([
    [
      'with 600 MiB of frames that never end',
      {
        links: 40,
        bytes: Buffer.concat([
          Buffer.from(frame({ length: long(2n ** 24n) })),
          Buffer.alloc(15 * MIB),
        ]),
        left: 4,
      },
    ],
    [
      'with fragments of a byte, each in 64 KiB of pongs',
      {
        links: 150,
        bytes: Buffer.from([
          ...frame({ fin: false }, [1]),
          ...Array.from({ length: 60 }, () => [
            ...pongs,
            ...frame({ opcode: CONTINUATION, fin: false }, [1]),
          ]).flat(),
        ]),
        left: 100,
      },
    ],
  ])('%s', async (_how, { links, bytes, left }) => {
    using node = await AttackedNode.start();
    await node.flood(links, bytes, left);
    const { grownBytes, counted } = await node.told();
    expect(grownBytes).toBeLessThan(GROWTH_BYTES_MAX);
    expect(counted).toBeGreaterThanOrEqual(links - left);
    const answer = await fetch(`http://127.0.0.1:${node.port}/__processes__`);
    expect(answer.status).toBe(200);
  });
});
