import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import {
  FuturePromise,
  Pipe,
  Process,
  SILENT_LOGGER,
  startNode,
  text,
  type ProcessManager,
  type Response,
} from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import type { HttpLimits } from '../../libprocess/options/http-limits.ts';
import { eventually } from '../support/secure-node.ts';

const SOON_MS = 40;
/** More than the buffers of two sockets hold. */
const LARGE = new Uint8Array(48 * 1_024 * 1_024);

class Server extends Process {
  readonly answer = new FuturePromise<Response>();
  readonly stream = new Pipe();
  waiting = 0;
  constructor() {
    super('server');
    this.installRaw('note', () => undefined);
    this.route('/large', () => ({ status: 200, headers: {}, body: LARGE }));
    this.route('/later', () => {
      this.waiting += 1;
      return this.answer.future;
    });
    this.route('/stream', () => ({ status: 200, headers: {}, body: this.stream.reader }));
    this.route('/echo', ({ body }) => text(200, String(body.length)));
  }
}

interface Port extends AsyncDisposable {
  readonly node: ProcessManager;
  readonly server: Server;
  connect(): Client;
}

class Client {
  readonly socket: Socket;
  got = '';
  readonly closed: Promise<unknown>;
  constructor(port: number) {
    this.socket = net.connect(port, '127.0.0.1');
    this.socket.on('error', () => undefined);
    // Not `once`, which fails with an error before: who is cut off may be writing.
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
  }
  say(text: string): this {
    this.socket.write(text);
    return this;
  }
  listen(): this {
    this.socket.on('data', (bytes) => (this.got += bytes.toString('latin1')));
    return this;
  }
}

async function open(http: Partial<HttpLimits>): Promise<Port> {
  const runtime = nodeRuntime({ network: new NodeNetwork({ http }), logger: SILENT_LOGGER });
  const node = await startNode({ runtime, environment: {} });
  const server = new Server();
  const { port } = node.spawn(server);
  return {
    node,
    server,
    connect: () => new Client(port),
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

/** A client that has been heard. On a machine that stands still one can be cut off before it has said anything. */
async function connected(
  port: Port,
  request: string,
  heard: (client: Client) => boolean,
): Promise<Client> {
  const client = port.connect().listen().say(request);
  await eventually(() => heard(client) || client.socket.closed);
  return heard(client) ? client : connected(port, request, heard);
}

const get = (path: string): string => `GET /server${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

describe('a client of a port', () => {
  test('whose header never ends is answered with 408', async () => {
    await using port = await open({ headerTimeoutMs: SOON_MS });
    const client = port.connect().listen().say('GET /server/echo HTTP/1.1\r\nX-Slow: ');
    await client.closed;
    expect(client.got).toMatch(/^HTTP\/1\.1 408 /);
    expect(port.node.counters.unreadAnswers).toBe(0);
  });

  test('whose body never ends is cut off', async () => {
    await using port = await open({ bodyTimeoutMs: SOON_MS });
    const head = 'POST /server/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n';
    const client = port.connect().listen().say(`${head}part`);
    await client.closed;
    expect(client.got).toBe('');
  });

  test('that does nothing is cut off, unless it has carried a message or waits for its answer', async () => {
    await using port = await open({ idleTimeoutMs: SOON_MS });
    const note = 'POST /server/note HTTP/1.1\r\nLibprocess-From: a@127.0.0.1:1\r\n\r\n';
    const message = await connected(port, note, ({ got }) => got.includes('202'));
    const waiting = await connected(port, get('/later'), () => port.server.waiting > 0);
    const idle = await connected(port, get('/echo'), ({ got }) => got !== '');
    await idle.closed;
    expect(idle.got).toMatch(/^HTTP\/1\.1 200 /);
    // Those are older, and still there.
    port.server.answer.set(text(200, 'late'));
    await eventually(() => waiting.got.endsWith('late'));
    message.got = '';
    message.say(note);
    await eventually(() => message.got.includes('202'));
    message.socket.destroy();
  });

  test('that never reads its answer is cut off, and counted', async () => {
    await using port = await open({ unreadTimeoutMs: SOON_MS });
    const deaf = port.connect().say(get('/large'));
    await eventually(() => port.node.counters.unreadAnswers === 1);
    const metrics = await port.node.metrics.snapshot();
    expect(metrics.get('libprocess/unread_answers')).toBe(1);
    deaf.listen();
    await deaf.closed;
    expect(deaf.got.length).toBeLessThan(LARGE.length);
  });

  test('that asks again and again, and never reads, is no better', async () => {
    await using port = await open({ unreadTimeoutMs: SOON_MS });
    const deaf = port.connect();
    const asking = setInterval(() => deaf.say(get('/large')), SOON_MS / 8);
    await eventually(() => port.node.counters.unreadAnswers === 1);
    clearInterval(asking);
    deaf.socket.destroy();
  });

  test('that does not read the stream it asked for is cut off, and its writer hears of it', async () => {
    await using port = await open({ unreadTimeoutMs: SOON_MS });
    const deaf = port.connect().say(get('/stream'));
    const { writer } = port.server.stream;
    let gone = false;
    writer.readerClosed().onReady(() => (gone = true));
    writer.write(LARGE);
    await eventually(() => gone);
    expect(port.node.counters.unreadAnswers).toBe(1);
    deaf.socket.destroy();
  });

  test('is one of as many as one IP may have, by request or by link', async () => {
    await using port = await open({ connectionsPerIpMax: 3 });
    const [first, ...others] = [1, 2, 3].map(() => port.connect().listen().say(get('/echo')));
    await eventually(() => others.every(({ got }) => got.includes('200')));
    const refused = port.connect();
    await refused.closed;
    expect(port.node.counters.refusedConnections).toBe(1);
    const metrics = await port.node.metrics.snapshot();
    expect(metrics.get('libprocess/refused_connections')).toBe(1);
    first?.socket.destroy();
    await first?.closed;
    // The node hears of that end some time after us.
    for (let answer = ''; !answer.includes('200');) {
      const next = port.connect().listen().say(get('/echo'));
      await Promise.race([next.closed, new Promise((seen) => next.socket.once('data', seen))]);
      answer = next.got;
      next.socket.destroy();
    }
    for (const { socket } of others) socket.destroy();
  });

  test('is served while five thousand others are slow to ask [X25]', async () => {
    await using port = await open({ headerTimeoutMs: 600_000 });
    const slow = Array.from({ length: 5_000 }, () => port.connect().say('GET /server/ec'));
    await Promise.all(slow.map(({ socket }) => once(socket, 'connect')));
    const client = port.connect().listen().say(get('/echo'));
    await eventually(() => client.got.includes('200'));
    expect(slow.every(({ socket }) => !socket.closed)).toBe(true);
    for (const { socket } of slow) socket.destroy();
    client.socket.destroy();
  });

  test('that has read all there is may wait for more as long as it likes', async () => {
    await using port = await open({ unreadTimeoutMs: SOON_MS });
    const subscriber = port.connect().listen().say(get('/stream'));
    port.server.stream.writer.write(Buffer.from('first'));
    await eventually(() => subscriber.got.includes('first'));
    // Another one is cut off meanwhile.
    const deaf = port.connect().say(get('/large'));
    await eventually(() => port.node.counters.unreadAnswers === 1);
    port.server.stream.writer.write(Buffer.from('second'));
    await eventually(() => subscriber.got.includes('second'));
    expect(port.node.counters.unreadAnswers).toBe(1);
    deaf.socket.destroy();
    subscriber.socket.destroy();
  });
});
