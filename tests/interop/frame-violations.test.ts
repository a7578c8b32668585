import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SILENT_LOGGER, startNode, type ProcessManager } from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import { corpus } from '../support/hostile-bytes.ts';
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  frame,
  long,
  PING,
  PONG,
  TEXT,
  upgrade,
} from '../support/raw-peer.ts';

let node: ProcessManager;
let port = 0;

beforeAll(async () => {
  const runtime = nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER });
  node = await startNode({ runtime });
  port = Number(node.address.split(':')[1]);
});

afterAll(() => node[Symbol.asyncDispose]());

const CONTROLS = [CLOSE, PING, PONG] as const;
const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
const zeros = (count: number): number[] => Array<number>(count).fill(0);
type Violation = readonly [what: string, bytes: readonly number[]];

/** RFC 6455, and what a node of ours understands of it. Each ends its connection. */
const VIOLATIONS: readonly Violation[] = [
  ...[CONTINUATION, TEXT, BINARY, PING, CLOSE].flatMap((opcode) =>
    numbers(1, 7).map((reserved): Violation => [
      `reserved bits ${reserved} of opcode ${opcode}`,
      frame({ reserved, opcode }),
    ]),
  ),
  ...[...numbers(3, 7), ...numbers(11, 15)].flatMap((opcode): Violation[] => [
    [`opcode ${opcode}`, frame({ opcode })],
    [`opcode ${opcode} that goes on`, frame({ opcode, fin: false }, [1])],
  ]),
  ...[TEXT, BINARY, PING, PONG, CLOSE].flatMap((opcode): Violation[] => [
    [`opcode ${opcode} without a mask`, frame({ opcode, masked: false })],
    [`opcode ${opcode} without a mask, of 5 bytes`, frame({ opcode, masked: false }, zeros(5))],
  ]),
  ...CONTROLS.flatMap((opcode): Violation[] => [
    [`control ${opcode} in fragments`, frame({ opcode, fin: false })],
    [`control ${opcode} of 126 bytes`, frame({ opcode }, zeros(126))],
    [`control ${opcode} of 64 KiB`, frame({ opcode, length: long(65_536n) })],
  ]),
  ['a close of one byte', frame({ opcode: CLOSE }, [3])],
  ...[0, 1, 999, 1_004, 1_005, 1_006, 1_015, 1_016, 1_100, 2_000, 2_999, 5_000, 65_535].map(
    (code): Violation => [
      `a close with code ${code}`,
      frame({ opcode: CLOSE }, [code >> 8, code & 0xff]),
    ],
  ),
  ['a close whose reason is no UTF-8', frame({ opcode: CLOSE }, [3, 0xe8, 0xff])],
  ['a continuation of nothing', frame({ opcode: CONTINUATION }, [1])],
  ['a continuation of nothing that goes on', frame({ opcode: CONTINUATION, fin: false }, [1])],
  ...[TEXT, BINARY].flatMap((opcode): Violation[] => [
    [
      `a message ${opcode} within another`,
      [...frame({ fin: false }, [1]), ...frame({ opcode }, [1])],
    ],
    [
      `a fragment ${opcode} within another message`,
      [...frame({ fin: false }, [1]), ...frame({ opcode, fin: false }, [1])],
    ],
    [
      `a continuation after the end of message ${opcode}`,
      [...frame({ opcode }, [2, 99, 1]), ...frame({ opcode: CONTINUATION }, [1])],
    ],
  ]),
  ...[2n ** 24n + 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 62n, 2n ** 63n, 2n ** 64n - 1n].map(
    (length): Violation => [`a length of ${length}`, frame({ length: long(length) }, [1, 2, 3])],
  ),
  [
    'fragments of more than 16 MiB together',
    [
      ...frame({ fin: false }, [1]),
      ...frame({ opcode: CONTINUATION, length: long(2n ** 24n) }, [1]),
    ],
  ],
  ['a text', frame({ opcode: TEXT }, [104, 105])],
  ['an empty text', frame({ opcode: TEXT })],
  ['a text that is no UTF-8', frame({ opcode: TEXT }, [0xff])],
  [
    '65 fragments',
    [
      ...frame({ fin: false }, [1]),
      ...Array.from({ length: 64 }, () => frame({ opcode: CONTINUATION, fin: false }, [1])).flat(),
    ],
  ],
  ['eleven pings in a second', Array.from({ length: 11 }, () => frame({ opcode: PING })).flat()],
  ...corpus('frames')
    .filter(({ bytes }) => bytes.length < 60_000)
    .map(({ what, bytes }): Violation => [`a batch with ${what}`, frame({}, [...bytes])]),
];

async function stillServes(): Promise<void> {
  const answer = await fetch(`http://${node.address}/__processes__`);
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
}

describe('a link is cut off, and nobody else [X19]', () => {
  test('by more than a hundred violations', () => {
    expect(VIOLATIONS.length).toBeGreaterThanOrEqual(100);
  });

  test.each(VIOLATIONS)('after %s', async (_what, bytes) => {
    const { socket, status } = await upgrade(port);
    expect(status).toBe(101);
    const closed = once(socket, 'close');
    socket.resume();
    socket.write(Uint8Array.from(bytes));
    // A node ends its side; what a peer does with its own is for its kernel.
    socket.once('end', () => socket.destroy());
    await closed;
    await stillServes();
  });
});

describe('an upgrade that is none is refused, and nobody suffers [X19, X25]', () => {
  test.each<[string, Readonly<Record<string, string | undefined>>, string?]>([
    ['without a key', { 'sec-websocket-key': undefined }],
    ['with an empty key', { 'sec-websocket-key': '' }],
    ['with a short key', { 'sec-websocket-key': 'c2hvcnQ=' }],
    ['with a key of 10,000 characters', { 'sec-websocket-key': 'x'.repeat(10_000) }],
    ['without a version', { 'sec-websocket-version': undefined }],
    ['with version 12', { 'sec-websocket-version': '12' }],
    ['with version 1e9', { 'sec-websocket-version': '1e9' }],
    ['to another protocol', { upgrade: 'h2c' }],
    ['by POST', {}, 'POST /libprocess HTTP/1.1'],
    ['to another path', {}, 'GET /elsewhere HTTP/1.1'],
    ['without an address', { 'libprocess-from': undefined }],
    ['with an address of a host', { 'libprocess-from': 'localhost:1' }],
    ['with an address of all objects', { 'libprocess-from': '__proto__' }],
    ['without an incarnation', { 'libprocess-incarnation': undefined }],
    ['with a long incarnation', { 'libprocess-incarnation': 'x'.repeat(65) }],
    ['with a dial of no number', { 'libprocess-dial': 'NaN' }],
    ['with a dial beyond numbers', { 'libprocess-dial': '9'.repeat(400) }],
    ['with no protocol of ours', { 'sec-websocket-protocol': 'chat' }],
    ['with a malformed protocol', { 'sec-websocket-protocol': ',,,' }],
  ])('%s', async (...[, changes, line]) => {
    const { socket, status } = await upgrade(port, changes, line);
    expect(status).not.toBe(101);
    socket.destroy();
    await stillServes();
  });

  test('with extensions of a name that all objects have', async () => {
    const { socket, status } = await upgrade(port, {
      'sec-websocket-extensions': 'constructor; a=b',
    });
    expect([101, 400]).toContain(status);
    socket.destroy();
    await stillServes();
  });
});

describe('floods', () => {
  const MIB = 1_024 ** 2;
  const RSS_GROWTH_MAX = 64 * MIB;

  test('of tiny fragments on a hundred links take no memory to speak of [X19]', async () => {
    const one = Uint8Array.from(frame({ opcode: CONTINUATION, fin: false }, [1]));
    const flood = Buffer.concat([
      Uint8Array.from(frame({ fin: false }, [1])),
      ...Array.from({ length: 20_000 }, () => one),
    ]);
    const before = process.memoryUsage.rss();
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5);
    const links = await Promise.all(Array.from({ length: 100 }, () => upgrade(port)));
    await Promise.all(
      links.map(async ({ socket, status }) => {
        expect(status).toBe(101);
        const closed = once(socket, 'close');
        socket.resume();
        socket.once('end', () => socket.destroy());
        socket.write(flood);
        await closed;
      }),
    );
    clearInterval(watch);
    expect(most - before).toBeLessThan(RSS_GROWTH_MAX);
    await stillServes();
  });

  test('of a little less than too much on a hundred links take no memory either', async () => {
    const held = [
      ...frame({ fin: false }, [1]),
      ...Array.from({ length: 60 }, () => frame({ opcode: CONTINUATION, fin: false }, [1])).flat(),
    ];
    const before = process.memoryUsage.rss();
    const links = await Promise.all(Array.from({ length: 100 }, () => upgrade(port)));
    for (const { socket } of links) for (const byte of held) socket.write(Uint8Array.of(byte));
    await sleep(200);
    expect(process.memoryUsage.rss() - before).toBeLessThan(RSS_GROWTH_MAX);
    for (const { socket } of links) socket.destroy();
    await stillServes();
  });

  test('of pongs that nobody asked for are dropped', async () => {
    const { socket } = await upgrade(port);
    socket.resume();
    socket.write(
      Uint8Array.from(Array.from({ length: 50_000 }, () => frame({ opcode: PONG })).flat()),
    );
    await stillServes();
    socket.destroy();
  });
});
