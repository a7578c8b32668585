import net from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { SILENT_LOGGER, startNode, type ProcessManager } from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import { InMemoryStorage, startMaster } from '../../master/index.ts';

// A real master behind a real port, and clients that mean it no good.

interface Target extends AsyncDisposable {
  readonly node: ProcessManager;
  readonly port: number;
}

async function open(): Promise<Target> {
  const runtime = nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER });
  const node = await startNode({ runtime });
  startMaster({ node, storage: new InMemoryStorage() });
  const { port } = new URL(`http://${node.address}`);
  const target = { node, port: Number(port) };
  while ((await fetch(`http://${node.address}/state`)).status !== 200) continue;
  return { ...target, [Symbol.asyncDispose]: () => node[Symbol.asyncDispose]() };
}

/** What comes back until the server closes; the request asks for that, or deserves it. */
async function say(port: number, sent: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  let got = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => (got += chunk.toString('latin1')));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(sent, 'latin1');
  await closed;
  return got;
}

const request = (line: string, headers = '', body = ''): string =>
  `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${headers}` +
  (body === '' ? '\r\n' : `Content-Length: ${body.length}\r\n\r\n${body}`);
const get = (target: string, headers = ''): string => request(`GET ${target}`, headers);

async function expectServing({ node, port }: Target): Promise<void> {
  expect(await say(port, get('/master/health'))).toMatch(/^HTTP\/1\.1 200 /);
  expect(node.counters.faults).toBe(0);
  expect(Object.keys(Object.prototype)).toEqual([]);
}

describe('a request of bad intent is answered with', () => {
  const chunked = 'Transfer-Encoding: chunked\r\n';
  const corpus: readonly (readonly [number, string, string])[] = [
    // Parameters that are no numbers, or no parameters.
    [200, 'a negative limit', get('/tasks?limit=-1')],
    [200, 'an endless limit', get('/tasks?limit=1e999&offset=NaN')],
    [200, 'a limit beyond all tasks', get('/tasks?limit=999999999999999&offset=999999999999999')],
    [200, 'an order that is none', get('/tasks?order=__proto__')],
    [200, 'names of the prototype', get('/state?__proto__=1&constructor=2&toString=3')],
    [200, 'an unknown framework', get(`/frameworks?framework_id=${'x'.repeat(9_000)}`)],
    [400, 'a malformed escape', get('/state?a=%')],
    [400, 'an escape that is no text', get('/state?a=%ff%fe')],
    [400, 'too many parameters', get(`/state?${'a&'.repeat(2_000)}`)],
    [400, 'a timeout that is none', get('/metrics/snapshot?timeout=-1e9')],
    // A callback is a name, never code.
    [400, 'code for a callback', get('/state?jsonp=alert(1)//')],
    [400, 'markup for a callback', get('/state?jsonp=%3Cscript%3E')],
    [400, 'a line break for a callback', get('/state?jsonp=a%0d%0ab')],
    [400, 'a callback without end', get(`/state?jsonp=${'a'.repeat(5_000)}`)],
    // Paths.
    [404, 'a way up', get('/master/../../etc/passwd')],
    [404, 'an encoded way up', get('/%2e%2e%2fetc%2fpasswd')],
    [404, 'a path that is no text', get('/%ff%fe')],
    [404, 'a cut escape in a path', get('/%')],
    [404, 'a prototype', get('/__proto__/constructor')],
    [404, 'nothing but slashes', get('////')],
    [400, 'help for a way up', get('/help/master/%2e%2e')],
    // What changes something is neither read by accident nor by a page of somebody else.
    [405, 'a teardown by GET', get('/teardown?frameworkId=x')],
    [405, 'a kill by GET', get('/kill-task?frameworkId=x&taskId=y')],
    [405, 'a teardown by PUT', request('PUT /teardown', '', 'frameworkId=x')],
    [
      403,
      'a form of another site',
      request('POST /teardown', 'Origin: http://evil.example\r\n', 'frameworkId=x'),
    ],
    [403, 'a form without a site', request('POST /teardown', 'Origin: null\r\n', 'frameworkId=x')],
    [
      403,
      'a form that tells its site',
      request('POST /teardown', 'Sec-Fetch-Site: cross-site\r\n', 'frameworkId=x'),
    ],
    [
      403,
      'a message by a page',
      request(
        'POST /master/mesos.internal.UnregisterSlaveMessage',
        'Libprocess-From: a@127.0.0.1:1\r\nOrigin: http://evil.example\r\n',
        'x',
      ),
    ],
    [400, 'a teardown of nothing', request('POST /teardown', '', 'a=b')],
    [400, 'a teardown of garbage', request('POST /teardown', '', 'frameworkId=%zz')],
    [400, 'a teardown of a prototype', request('POST /teardown', '', 'frameworkId=__proto__')],
    // Two readings of one request.
    [400, 'two lengths', request('POST /teardown', 'Content-Length: 1\r\n', 'xx')],
    [400, 'a length and chunks', request('POST /teardown', chunked, 'x')],
    [400, 'a negative length', request('POST /teardown', 'Content-Length: -1\r\n')],
    [400, 'a blank before a colon', get('/state', 'X-A : b\r\n')],
    [400, 'a folded header', get('/state', 'X-A: b\r\n c\r\n')],
    [400, 'a header with a NUL', get('/state', 'X-A: a\u0000b\r\n')],
    [400, 'a bare line feed', 'GET /state HTTP/1.1\nHost: x\n\n'],
    [400, 'a chunk of negative size', `${request('POST /teardown', chunked)}-1\r\n\r\n`],
    [400, 'a chunk of endless size', `${request('POST /teardown', chunked)}${'f'.repeat(40)}\r\n`],
    [400, 'no request at all', '\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n'],
    [400, 'a method that is none', request('NONSENSE /state')],
    [431, 'ten thousand headers', get('/state', 'X-Name: value\r\n'.repeat(10_000))],
    [431, 'headers beyond what is looked at', get('/state', 'A: b\r\n'.repeat(2_100))],
    [
      431,
      'an origin behind two thousand headers',
      request('POST /teardown', `${'A:\r\n'.repeat(2_100)}Origin: http://evil.example\r\n`, 'x'),
    ],
    [
      501,
      'a coding that we do not know',
      request('POST /teardown', 'Transfer-Encoding: gzip, chunked\r\n'),
    ],
    // Who asks, and where the name leads.
    [403, 'a name that is not ours', get('/state').replace('127.0.0.1', 'evil.example:5050')],
    [
      403,
      'a call by a script of another site',
      get('/state?jsonp=f', 'Sec-Fetch-Site: cross-site\r\n'),
    ],
    [
      403,
      'a switch that a page throws',
      get('/logging/toggle?level=2', 'Sec-Fetch-Site: cross-site\r\n'),
    ],
    [
      403,
      'a page that asks whether it may',
      request('OPTIONS /teardown', 'Origin: http://evil.example\r\n'),
    ],
    [
      403,
      'a watch by a page',
      get('/__processes__?watch=9secs', 'Origin: http://evil.example\r\n'),
    ],
    [200, 'an upgrade to HTTP/2', get('/state', 'Upgrade: h2c\r\n').replace('close', 'Upgrade')],
    [
      400,
      'an upgrade to HTTP/2 with a body',
      request('POST /teardown', 'Upgrade: h2c\r\n', 'a=b').replace('close', 'Upgrade'),
    ],
    // Whatever the form of its target.
    [200, 'a URL of ours', get('/state').replace('/state', 'http://127.0.0.1:1/state')],
    [
      200,
      'a URL, and another name in a header that counts for nothing',
      get('/state')
        .replace('/state', 'http://127.0.0.1/state')
        .replace('Host: 127.0.0.1', 'Host: evil.example:1'),
    ],
    [
      403,
      'a URL of a name that is not ours',
      get('/state').replace('/state', 'http://evil.example:1/state'),
    ],
    [400, 'a URL with a user', get('/state').replace('/state', 'http://me@127.0.0.1/state')],
    [204, 'a question to the server itself', request('OPTIONS *')],
    [501, 'a tunnel', request('CONNECT 127.0.0.1:1')],
    [400, 'chunks of HTTP/1.0', request('POST /teardown', chunked).replace('HTTP/1.1', 'HTTP/1.0')],
    // Messages.
    [500, 'a message of nobody', request('POST /master/x', 'User-Agent: libprocess/\r\n', 'x')],
    [400, 'a message of the node itself', ''],
    [
      404,
      'a message to nobody',
      request('POST /nobody/x', 'Libprocess-From: a@127.0.0.1:1\r\n', 'x'),
    ],
    [
      202,
      'a message that is none',
      request(
        'POST /master/mesos.scheduler.Call',
        'Libprocess-From: a@127.0.0.1:1\r\n',
        '\u00ff\u00ff\u00ff\u00ff\u000f',
      ),
    ],
    [
      202,
      'a message that claims 2 GB',
      request(
        'POST /master/mesos.internal.RegisterSlaveMessage',
        'Libprocess-From: a@127.0.0.1:1\r\n',
        '\u000a\u00ff\u00ff\u00ff\u00ff\u0007',
      ),
    ],
    [
      202,
      'a message of no known name',
      request('POST /master/__proto__', 'Libprocess-From: a@127.0.0.1:1\r\n', 'x'),
    ],
    [
      202,
      'a dispatch from afar',
      request('POST /master/terminate', 'Libprocess-From: a@127.0.0.1:1\r\n', 'x'),
    ],
    // Upgrades.
    [
      404,
      'an upgrade elsewhere',
      get('/state', 'Upgrade: websocket\r\n').replace('close', 'Upgrade'),
    ],
    [
      426,
      'an upgrade of no protocol',
      get('/libprocess', 'Upgrade: websocket\r\n').replace('close', 'Upgrade'),
    ],
  ];

  test.each(corpus)('%i: %s', async (status, _what, sent) => {
    await using target = await open();
    const own = `Libprocess-From: a@${target.node.address}\r\n`;
    const got = await say(target.port, sent === '' ? request('POST /master/x', own, 'x') : sent);
    expect(got.split('\r\n')[0]).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    await expectServing(target);
  });
});

test('thousands of connections that say nothing keep nobody else waiting', async () => {
  await using target = await open();
  const silent = Array.from({ length: 2_000 }, () => {
    const socket = net.connect(target.port, '127.0.0.1');
    socket.on('error', () => undefined);
    return socket;
  });
  await Promise.all(silent.map((socket) => new Promise((done) => socket.once('connect', done))));
  for (const socket of silent) socket.write('GET /state HTTP/1.1\r\nX-Slow: ');
  await expectServing(target);
  for (const socket of silent) socket.resetAndDestroy();
  await expectServing(target);
});

test('ten thousand requests in one breath are answered, or their connection is cut', async () => {
  await using target = await open();
  const one = get('/health').replace('Connection: close\r\n', '');
  const got = await say(target.port, one.repeat(9_000) + get('/health'));
  expect(got.split('HTTP/1.1 200').length - 1).toBe(9_001);
  await say(target.port, one.repeat(30_000));
  await expectServing(target);
});

test('a port closes though a hundred clients never end what was refused', async () => {
  const target = await open();
  const clients = Array.from({ length: 100 }, () => {
    const socket = net.connect({ port: target.port, host: '127.0.0.1', allowHalfOpen: true });
    const piece = Buffer.alloc(16 * 1_024);
    const send = (): void => {
      while (!socket.destroyed && socket.write(piece)) continue;
    };
    socket.on('error', () => undefined).on('drain', send);
    const head = `POST /state HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${2 ** 40}\r\n\r\n`;
    socket.write(head, send);
    const answered = new Promise<string>((resolve) => {
      socket.once('data', (answer) => {
        resolve(answer.toString('latin1', 9, 12));
      });
    });
    return { answered, closed: new Promise((resolve) => socket.once('close', resolve)) };
  });
  const statuses = await Promise.all(clients.map(({ answered }) => answered));
  expect(new Set(statuses)).toEqual(new Set(['413']));
  await expectServing(target);
  await target[Symbol.asyncDispose]();
  await Promise.all(clients.map(({ closed }) => closed));
});
