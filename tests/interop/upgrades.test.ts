import net from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { Process, SILENT_LOGGER, startNode, text } from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';

// Who may become a link: what a node of ours says of itself, one wrong thing at a time.

type Headers = Readonly<Record<string, string | undefined>>;

const RIGHT: Headers = {
  Host: '127.0.0.1',
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol': 'libprocess.1',
  'Libprocess-From': '127.0.0.1:9',
  'Libprocess-Incarnation': 'incarnation',
  'Libprocess-Dial': '1',
};

class Parser extends Process {
  constructor() {
    super('parser');
    this.route('/', ({ body }) => {
      const value: unknown = JSON.parse(new TextDecoder().decode(body));
      return text(200, JSON.stringify(value).slice(0, 10));
    });
  }
}

/** The status line of the answer: all that comes before the other side closes, or says 101. */
async function say(port: number, head: string): Promise<number> {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  let got = '';
  const answered = new Promise<void>((resolve) => {
    socket.once('close', () => {
      resolve();
    });
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1');
      if (got.includes('\r\n\r\n')) resolve();
    });
  });
  socket.write(head, 'latin1');
  await answered;
  socket.destroy();
  return Number(/^HTTP\/1\.1 (\d+) /.exec(got)?.[1] ?? 0);
}

const upgrade = (line: string, headers: Headers): string =>
  [
    line,
    ...Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}: ${value}`],
    ),
    '',
    '',
  ].join('\r\n');

async function open() {
  const runtime = nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER });
  const node = await startNode({ runtime, environment: {} });
  const { port } = node.spawn(new Parser());
  return { node, port, [Symbol.asyncDispose]: () => node[Symbol.asyncDispose]() };
}

const ORIGINS = ['http://evil.example', 'null', 'http://127.0.0.1', 'http://localhost:5050', ''];
const HOSTS = ['127.0.0.1', 'localhost', 'evil.example', '127.0.0.1.evil.example'];

describe('an upgrade', () => {
  test.each<[number, string, Headers]>([
    [101, 'of a node', {}],
    [101, 'of a node, whatever it calls us: names are no secret', { Host: 'proxy.example' }],
    [400, 'without a key', { 'Sec-WebSocket-Key': undefined }],
    [400, 'with a key that is none', { 'Sec-WebSocket-Key': 'short' }],
    [400, 'of no version', { 'Sec-WebSocket-Version': undefined }],
    [400, 'of another version', { 'Sec-WebSocket-Version': '12' }],
    [404, 'to another path', { path: '/elsewhere' }],
    [404, 'to a path below', { path: '/libprocess/x' }],
    [404, 'with a query', { path: '/libprocess?x=1' }],
    [426, 'of no protocol', { 'Sec-WebSocket-Protocol': undefined }],
    [426, 'of a later protocol alone', { 'Sec-WebSocket-Protocol': 'libprocess.2' }],
    [101, 'of several protocols', { 'Sec-WebSocket-Protocol': 'libprocess.2, libprocess.1' }],
    [400, 'of nobody', { 'Libprocess-From': undefined }],
    [400, 'of a name', { 'Libprocess-From': 'host:1' }],
    [400, 'of a port that is none', { 'Libprocess-From': '127.0.0.1:0' }],
    [400, 'of a port beyond all', { 'Libprocess-From': '127.0.0.1:65536' }],
    [400, 'of the node itself', { 'Libprocess-From': 'itself' }],
    [400, 'of no incarnation', { 'Libprocess-Incarnation': undefined }],
    [400, 'of an endless incarnation', { 'Libprocess-Incarnation': 'x'.repeat(65) }],
    [400, 'of no dial', { 'Libprocess-Dial': undefined }],
    [400, 'of a dial that is no number', { 'Libprocess-Dial': 'one' }],
    [400, 'of a dial before the first', { 'Libprocess-Dial': '-1' }],
    [400, 'of a dial beyond all numbers', { 'Libprocess-Dial': '9007199254740993' }],
  ])('is answered with %i: %s', async (status, _what, { path = '/libprocess', ...wrong }) => {
    await using target = await open();
    const from = wrong['Libprocess-From'] === 'itself' && {
      'Libprocess-From': target.node.address,
    };
    const head = upgrade(`GET ${path} HTTP/1.1`, { ...RIGHT, ...wrong, ...from });
    expect(await say(target.port, head)).toBe(status);
  });

  test.each(ORIGINS.flatMap((origin) => HOSTS.map((host) => [origin, host] as const)))(
    'of a page is refused: Origin %j, Host %j, with and without a cookie',
    async (origin, host) => {
      await using target = await open();
      for (const cookie of [undefined, 'session=1']) {
        const headers = { ...RIGHT, Origin: origin, Host: host, Cookie: cookie };
        const head = upgrade('GET /libprocess HTTP/1.1', headers);
        expect(await say(target.port, head)).toBe(403);
      }
    },
  );
});

describe('a body', () => {
  const post = (body: string): string =>
    `POST /parser HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const LIMIT = 8 * 1_024 * 1_024;

  test.each([
    [200, 'as long as it may be', LIMIT],
    [413, 'one byte longer', LIMIT + 1],
  ])('is answered with %i: %s', async (status, _what, length) => {
    await using target = await open();
    expect(await say(target.port, post(`"${'x'.repeat(length - 2)}"`))).toBe(status);
  });

  test('of 100,000 nested brackets spoils its own request at most', async () => {
    await using target = await open();
    for (const deep of ['['.repeat(100_000), `${'['.repeat(100_000)}${']'.repeat(100_000)}`]) {
      expect([200, 500]).toContain(await say(target.port, post(deep)));
    }
    expect(await say(target.port, post('{}'))).toBe(200);
  });
});
