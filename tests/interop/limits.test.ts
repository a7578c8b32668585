import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import {
  FuturePromise,
  http,
  Process,
  SILENT_LOGGER,
  startNode,
  text,
  UPID,
} from '../../libprocess/index.ts';
import { MESSAGE_BODY_BYTES_MAX, REQUEST_BODY_BYTES_MAX } from '../../libprocess/http/limits.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import { MESSAGE_BYTES_MAX } from '../../libprocess/transport/limits.ts';

/** The length of each message and body that comes. */
class Scales extends Process {
  readonly lengths: number[] = [];
  readonly last = new FuturePromise<void>();
  constructor() {
    super('scales');
    this.installRaw('weigh', (_from, { length }) => {
      this.lengths.push(length);
      if (length === 1) this.last.set(undefined);
    });
    this.route('/', ({ body }) => text(200, String(body.length)));
  }
}

async function open() {
  const runtime = nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER });
  const node = await startNode({ runtime });
  const scales = new Scales();
  const { port, address } = node.spawn(scales);
  return { node, scales, port, address, [Symbol.asyncDispose]: () => node[Symbol.asyncDispose]() };
}

const PIECE = Buffer.alloc(64 * 1_024, 'x');

/** Posts so many bytes, with their length or in chunks, until an answer comes; gives its status and what was sent. */
function post(
  port: number,
  { head, length, chunked = false, readsLast = false }: Post,
): Promise<Posted> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
  socket.write(`POST ${head}\r\nHost: x\r\n${framing}\r\n\r\n`);
  return new Promise((resolve, reject) => {
    let sent = 0;
    let answered = false;
    const write = (): void => {
      let room = true;
      while (room && !answered && sent < length) {
        const piece = PIECE.subarray(0, length - sent);
        if (chunked) socket.write(`${piece.length.toString(16)}\r\n`);
        room = socket.write(piece);
        if (chunked) socket.write('\r\n');
        sent += piece.length;
        if (sent === length && chunked) socket.write('0\r\n\r\n');
        if (sent === length) socket.resume();
      }
    };
    socket.on('drain', write);
    socket.on('error', reject);
    socket.once('close', () => {
      reject(new Error(`Closed without an answer after ${sent} bytes`));
    });
    socket.once('data', (answer) => {
      answered = true;
      resolve({ status: Number(String(answer).slice(9, 12)), sent });
      socket.destroy();
    });
    if (readsLast) socket.pause();
    write();
  });
}

interface Post {
  readonly head: string;
  readonly length: number;
  readonly chunked?: boolean;
  /** Does not look for an answer before all is sent. */
  readonly readsLast?: boolean;
}
interface Posted {
  readonly status: number;
  readonly sent: number;
}

describe('the longest body of a request', () => {
  const head = '/scales HTTP/1.1';

  test.each([
    [200, 'with its length', false, REQUEST_BODY_BYTES_MAX],
    [413, 'with its length', false, REQUEST_BODY_BYTES_MAX + 1],
    [200, 'in chunks', true, REQUEST_BODY_BYTES_MAX],
    [413, 'in chunks', true, REQUEST_BODY_BYTES_MAX + 1],
  ])('is answered with %i: %s', async (...[status, , chunked, length]) => {
    await using node = await open();
    expect(await post(node.port, { head, length, chunked })).toMatchObject({ status });
  });

  test('refuses one without end long before it is there', async () => {
    await using node = await open();
    const { status, sent } = await post(node.port, { head, length: 2 ** 30, chunked: true });
    expect(status).toBe(413);
    // What both kernels hold on the way comes on top.
    expect(sent).toBeLessThan(8 * REQUEST_BODY_BYTES_MAX);
  });

  test.each([true, false])(
    'refuses those who read once all is sent (chunks: %j)',
    async (chunked) => {
      await using node = await open();
      const length = 4 * REQUEST_BODY_BYTES_MAX;
      const { status, sent } = await post(node.port, { head, length, chunked, readsLast: true });
      expect([status, sent]).toEqual([413, length]);
    },
  );

  test('is that of what comes out of gzip, to the byte', async () => {
    await using node = await open();
    const plain = new Uint8Array(REQUEST_BODY_BYTES_MAX + 1);
    for (let at = 0; at < plain.length; at += 1) plain[at] = ((at * at) >>> 5) % 251;
    const { network } = node.node.runtime;
    const ask = (length: number) =>
      http.post(network, `http://${node.address}/scales`, {
        body: gzipSync(plain.subarray(0, length)),
        headers: { 'content-encoding': 'gzip' },
      });
    const most = await ask(REQUEST_BODY_BYTES_MAX);
    expect([most.status, Buffer.from(most.body as Uint8Array).toString()]).toEqual([
      200,
      String(REQUEST_BODY_BYTES_MAX),
    ]);
    expect((await ask(REQUEST_BODY_BYTES_MAX + 1)).status).toBe(413);
  });
});

test('the longest message of a C++ process is 64 MiB, to the byte', async () => {
  await using node = await open();
  const head = '/scales/weigh HTTP/1.1\r\nLibprocess-From: peer@127.0.0.1:1';
  const length = MESSAGE_BODY_BYTES_MAX;
  expect(await post(node.port, { head, length })).toMatchObject({ status: 202 });
  expect(await post(node.port, { head, length: length + 1 })).toMatchObject({ status: 413 });
  expect(node.scales.lengths).toEqual([length]);
});

test('the longest message between nodes arrives, and one of a byte more does not leave', async () => {
  await using here = await open();
  await using there = await open();
  const to = new UPID('scales', there.address);
  const body = new Uint8Array(MESSAGE_BYTES_MAX + 1);
  class Sender extends Process {
    protected override initialize(): void {
      for (const length of [body.length, body.length - 1, 1])
        this.post(to, 'weigh', body.subarray(0, length));
    }
  }
  here.node.spawn(new Sender('sender'));
  await there.scales.last.future;
  expect(there.scales.lengths).toEqual([MESSAGE_BYTES_MAX, 1]);
});
