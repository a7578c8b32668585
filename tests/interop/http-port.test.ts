import assert from 'node:assert/strict';
import net, { type Socket } from 'node:net';
import { once } from 'node:events';

import { describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import {
  FuturePromise,
  Process,
  SILENT_LOGGER,
  startNode,
  text,
  json,
  Pipe,
  type PipeReader,
  type ProcessManager,
  type Response,
} from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';

const runtime = () => nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER });
const MIB = 1_024 * 1_024;
const bytes = (value: string) => new TextEncoder().encode(value);

class Server extends Process {
  readonly messages: string[] = [];
  readonly pipe = new Pipe();
  constructor() {
    super('server');
    this.installRaw('note', (from, body) => {
      this.messages.push(`${from.id} ${Buffer.from(body).toString()}`);
    });
    this.installRaw('number', (_from, body) => {
      assert.match(Buffer.from(body).toString(), /^\d+$/);
    });
    this.installRaw('later', rejecting);
    this.route('/echo', (request) => text(200, `${request.method} ${request.query['q'] ?? ''}`));
    this.route('/large', () => json(200, JSON.stringify('x'.repeat(5_000))));
    this.route('/header', ({ query }) => text(200, 'x', { 'x-q': query['q'] ?? '' }));
    this.route('/length', (request) => text(200, String(request.body.length)));
    this.route('/slow', () => this.async(() => text(200, 'slow')));
    this.route('/stream', () => {
      for (const part of ['one', 'two', 'three']) this.pipe.writer.write(bytes(part));
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: this.pipe.reader };
    });
  }
}

/** What JavaScript lets be a handler. */
const rejecting = (_from: unknown, body: Uint8Array): never =>
  Promise.resolve().then(() => {
    assert.match(Buffer.from(body).toString(), /^\d+$/);
  }) as never;

interface Port extends AsyncDisposable {
  readonly node: ProcessManager;
  readonly server: Server;
  readonly port: number;
}

async function open(): Promise<Port> {
  const node = await startNode({ runtime: runtime() });
  const server = new Server();
  const { port } = node.spawn(server);
  return { node, server, port, [Symbol.asyncDispose]: () => node[Symbol.asyncDispose]() };
}

/** Sends bytes on a connection of their own; what comes back until `enough` holds or it closes. */
async function exchange(port: number, sent: string, enough: (got: string) => boolean) {
  const socket = net.connect(port, '127.0.0.1');
  const got = await until(socket, sent, enough);
  socket.destroy();
  return got;
}

async function until(socket: Socket, sent: string, enough: (got: string) => boolean) {
  let got = '';
  socket.on('error', () => undefined);
  const done = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1');
      if (enough(got)) resolve();
    });
    socket.on('close', () => {
      resolve();
    });
  });
  socket.write(sent, 'latin1');
  await done;
  return got;
}

const get = (path: string, extra = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${extra}\r\n`;
const ends = (tail: string) => (got: string) => got.endsWith(tail);

describe('the port of a node', () => {
  // The default of a real node: no test can catch what would have ended its program but by its own end.
  test.each(['number', 'later'])(
    'outlives a handler (%s) that asserts on what a peer has sent',
    async (name) => {
      await using port = await open();
      const ended = port.node.wait(port.server.self);
      const post =
        `POST /server/${name} HTTP/1.1\r\nHost: x\r\nLibprocess-From: peer@127.0.0.1:1\r\n` +
        'Content-Length: 3\r\n\r\none';
      await exchange(port.port, post, ends('\r\n\r\n'));
      await ended;
      await new Promise(setImmediate); // Where the program used to end.
      expect((await fetch(`http://127.0.0.1:${port.port}/metrics/snapshot`)).status).toBe(200);
    },
  );

  test('answers requests pipelined on one connection in their order', async () => {
    await using port = await open();
    const requests = get('/server/slow') + get('/server/echo?q=1') + get('/server/echo?q=2');
    const got = await exchange(port.port, requests, ends('GET 2'));
    expect(
      got
        .split('\r\n\r\n')
        .slice(1)
        .map((part) => part.split('HTTP/1.1')[0]),
    ).toEqual(['slow', 'GET 1', 'GET 2']);
  });

  test('compresses large answers for who accepts it, and answers HEAD without the body', async () => {
    await using port = await open();
    const response = await fetch(`http://127.0.0.1:${port.port}/server/large`);
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('vary')).toBe('accept-encoding');
    expect(await response.json()).toHaveLength(5_000);
    const plain = await exchange(
      port.port,
      get('/server/large', 'Accept-Encoding: gzip;q=0\r\n'),
      ends('"'),
    );
    expect(plain.toLowerCase()).toContain('content-length: 5002');
    const head = await exchange(
      port.port,
      get('/server/large').replace('GET', 'HEAD'),
      ends('\r\n\r\n'),
    );
    expect(head.toLowerCase()).toContain('content-length: 5002');
  });

  test('answers 500 rather than to let a header break out of its line', async () => {
    await using port = await open();
    const split = get('/server/header?q=a%0d%0aX-Evil:%20b', 'Connection: close\r\n');
    const got = await exchange(port.port, split, () => false);
    expect(got).toMatch(/^HTTP\/1\.1 500 /);
    expect(got).not.toContain('X-Evil');
  });

  test.each([
    ['no status', 0, {}],
    ['a status of four digits', 1_000, {}],
    ['an answer that is none yet', 101, {}],
    ['a header of two words', 200, { 'x y': 'z' }],
  ])('answers 500 where a handler gives %s', async (_what, status, headers) => {
    const node = await startNode({ runtime: runtime() });
    class Odd extends Process {
      constructor() {
        super('odd');
        this.route('/', () => ({ status, headers, body: new Uint8Array(0) }));
      }
    }
    const { port } = node.spawn(new Odd());
    expect((await fetch(`http://127.0.0.1:${String(port)}/odd`)).status).toBe(500);
    await node[Symbol.asyncDispose]();
  });

  test('streams one chunk for each write and tells when the reader is gone', async () => {
    await using port = await open();
    const socket = net.connect(port.port, '127.0.0.1');
    const got = await until(
      socket,
      get('/server/stream', 'Connection: close\r\n'),
      ends('three\r\n'),
    );
    expect(got.split('\r\n\r\n')[1]).toBe('3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n');
    socket.destroy();
    await port.server.pipe.writer.readerClosed();
  });

  test.each([
    ['a bad request line', 'NONSENSE\r\n\r\n'],
    [
      'both kinds of length',
      'POST /server/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a header above the limit', `GET / HTTP/1.1\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`],
    ['a malformed escape in the query', get('/server/echo?q=%zz')],
  ])('refuses %s with 400 and closes [f8aa35d]', async (_what, sent) => {
    await using port = await open();
    const got = await exchange(port.port, sent, () => false);
    expect(got).toMatch(/^HTTP\/1\.1 (400|431) /);
  });

  test('takes a body of 8 MiB and refuses one byte more', async () => {
    await using port = await open();
    const url = `http://127.0.0.1:${port.port}/server/length`;
    const limit = 8 * 1_024 * 1_024;
    const most = await fetch(url, { method: 'POST', body: new Uint8Array(limit) });
    expect(await most.text()).toBe(String(limit));
    const socket = net.connect(port.port, '127.0.0.1');
    const head = `POST /server/length HTTP/1.1\r\nHost: x\r\nContent-Length: ${limit + 1}\r\n\r\n`;
    const got = await until(socket, head + 'x'.repeat(limit + 1), (answer) =>
      answer.includes('413'),
    );
    socket.destroy();
    expect(got).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('handles messages of one connection in order, empty ones without a length among them', async () => {
    await using port = await open();
    const post = (body: string) =>
      'POST /server/note HTTP/1.1\r\nLibprocess-From: peer@127.0.0.1:1\r\n' +
      (body === ''
        ? '\r\n'
        : `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
    const bodies = Array.from({ length: 200 }, (_, n) => (n % 3 === 0 ? '' : 'x'.repeat(n * 37)));
    const answers = (got: string) => got.split('HTTP/1.1 202 Accepted').length - 1 >= bodies.length;
    await exchange(port.port, bodies.map(post).join(''), answers);
    const expected = bodies.map((body) => `peer ${body}`);
    expect(port.server.messages.join('|') === expected.join('|')).toBe(true);
    const absent = post('').replace('/server/', '/nobody/');
    expect(await exchange(port.port, absent, ends('Not Found.'))).toMatch(/^HTTP\/1\.1 404 /);
  });

  test('refuses an upgrade that a browser makes, and survives one that is reset', async () => {
    await using port = await open();
    const url = `ws://127.0.0.1:${port.port}/libprocess`;
    const headers = {
      'libprocess-from': '127.0.0.1:9',
      'libprocess-incarnation': 'x',
      'libprocess-dial': '1',
    };
    const socket = new WebSocket(url, 'libprocess.1', { headers, origin: 'http://evil.example' });
    socket.on('error', () => undefined);
    const [, response] = (await once(socket, 'unexpected-response')) as [
      unknown,
      { statusCode: number },
    ];
    expect(response.statusCode).toBe(403);
    socket.terminate();
    const raw = net.connect(port.port, '127.0.0.1');
    raw.on('error', () => undefined);
    raw.write(
      'GET /libprocess HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    raw.resetAndDestroy();
    expect(await (await fetch(`http://127.0.0.1:${port.port}/server/echo?q=1`)).text()).toBe(
      'GET 1',
    );
  });

  test('closes the connection of an upgrade it refuses, though the peer keeps its end open', async () => {
    await using port = await open();
    const socket = net.connect({ port: port.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    socket.write(get('/elsewhere', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'));
    socket.resume();
    await once(socket, 'end');
    // A connection that is gone answers what comes with a reset.
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const writing = setInterval(() => socket.write('x'), 10);
    await closed;
    clearInterval(writing);
    expect(socket.errored).not.toBeNull();
  });

  test('that is in use is a clear error', async () => {
    await using port = await open();
    const second = startNode({ runtime: runtime(), port: port.port });
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(startNode({ runtime: runtime(), port: port.port })).rejects.toThrow(
      `Failed to listen on 127.0.0.1:${port.port}: `,
    );
  });
});

describe('a body that streams', () => {
  test('to a client that does not read breaks its connection, and holds no more than its cap', async () => {
    const node = await startNode({ runtime: runtime() });
    const pipe = new Pipe({ bufferedBytesMax: 1_024 * 1_024 });
    class Events extends Process {
      constructor() {
        super('events');
        this.route('/', () => ({ status: 200, headers: {}, body: pipe.reader }));
      }
    }
    const { port } = node.spawn(new Events());
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(get('/events'));
    await once(socket, 'readable'); // The head is here; nothing more is read.
    let written = 0;
    while (pipe.writer.write(new Uint8Array(64 * 1_024))) {
      written += 64 * 1_024;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await pipe.writer.readerClosed();
    expect(written).toBeLessThan(64 * 1_024 * 1_024);
    const closed = once(socket, 'close');
    socket.resume();
    await closed;
    await node[Symbol.asyncDispose]();
  });

  test('of a request reaches its route as it comes, of any length, and may be left unread', async () => {
    const node = await startNode({ runtime: runtime() });
    class Upload extends Process {
      constructor() {
        super('upload');
        this.route('/', ({ reader }) => this.#count(reader), { requestStreaming: true });
        this.route('/no', () => text(403, 'no'), { requestStreaming: true });
      }
      #count(reader: PipeReader | undefined) {
        return (
          reader?.readAll(100 * MIB).then((all) => text(200, String(all.length))) ?? text(500, '')
        );
      }
    }
    const { port } = node.spawn(new Upload());
    const body = new Uint8Array(20 * MIB);
    const url = `http://127.0.0.1:${port}/upload`;
    const counted = await fetch(url, { method: 'POST', body });
    expect(await counted.text()).toBe(String(body.length));
    const endless = `POST /upload/no HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n`;
    expect(await exchange(port, endless, () => false)).toMatch(/^HTTP\/1\.1 403 /);
    const asks = `POST /upload HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`;
    expect(await exchange(port, asks, ends('\r\n\r\n'))).toMatch(/^HTTP\/1\.1 100 /);
    await node[Symbol.asyncDispose]();
  });

  test('is asked for with 100 Continue, or refused before it is sent', async () => {
    await using port = await open();
    const ask = (length: number) =>
      `POST /server/length HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
    expect(await exchange(port.port, ask(3), ends('\r\n\r\n'))).toBe(
      'HTTP/1.1 100 Continue\r\n\r\n',
    );
    expect(await exchange(port.port, ask(9 * MIB), () => false)).toMatch(/^HTTP\/1\.1 413 /);
    const message = ask(9 * MIB).replace('Expect', 'Libprocess-From: a@127.0.0.1:1\r\nExpect');
    expect(await exchange(port.port, message, ends('\r\n\r\n'))).toMatch(/^HTTP\/1\.1 100 /);
  });
});

test('a node that ends disconnects its clients, answered or not [87a23de, cdcadc3]', async () => {
  const node = await startNode({ runtime: runtime() });
  class Slow extends Process {
    readonly pipe = new Pipe();
    constructor() {
      super('slow');
      this.route('/never', () => new FuturePromise<Response>().future);
      this.route('/stream', () => ({ status: 200, headers: {}, body: this.pipe.reader }));
    }
  }
  const slow = new Slow();
  const { port } = node.spawn(slow);
  const clients = ['', get('/slow/never'), get('/slow/stream')].map((sent) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(sent);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    return { heard: once(socket, sent.includes('stream') ? 'data' : 'connect'), closed };
  });
  await Promise.all(clients.map(({ heard }) => heard));
  await node[Symbol.asyncDispose]();
  await Promise.all(clients.map(({ closed }) => closed));
  await slow.pipe.writer.readerClosed();
});
