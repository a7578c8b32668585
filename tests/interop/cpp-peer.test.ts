import net from 'node:net';
import { describe, expect, test } from '@jest/globals';
import {
  Process,
  SILENT_LOGGER,
  startNode,
  UPID,
  type ProcessManager,
  type StartNodeOptions,
} from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import { TestAuthority } from '../../libprocess/node/tls/test-certificates.ts';
import { TestFiles } from '../../libprocess/node/tls/test-files.ts';
import type { SslSettings } from '../../libprocess/options/ssl-options.ts';
import { CppPeer } from '../support/cpp-peer.ts';
import { eventually } from '../support/secure-node.ts';

class Local extends Process {
  /** `<name> <body> from <upid>`, in order, and `exited <upid>`. */
  readonly story: string[] = [];

  constructor(id = 'local') {
    super(id);
    for (const name of ['ping', 'a.b/c']) {
      this.installRaw(name, (from, body) => {
        this.story.push(`${name} ${Buffer.from(body).toString()} from ${from.toString()}`);
        if (name === 'ping') this.post(from, 'pong', body);
      });
    }
  }

  say(to: UPID, name: string, body = ''): void {
    this.post(to, name, Buffer.from(body));
  }

  watch(to: UPID, mode: 'reuse' | 'reconnect' = 'reuse'): void {
    this.link(to, mode);
  }

  protected override exited(upid: UPID): void {
    this.story.push(`exited ${upid.toString()}`);
  }
}

interface Node extends AsyncDisposable {
  readonly node: ProcessManager;
  readonly local: Local;
  readonly upid: UPID;
  /** Runs in the turn of the process. */
  does(thunk: (local: Local) => void): void;
}

async function start(
  options: Omit<StartNodeOptions, 'runtime'> & {
    readonly ssl?: SslSettings;
    readonly id?: string;
  } = {},
): Promise<Node> {
  const { ssl, id, ...rest } = options;
  const network = new NodeNetwork({ ssl });
  const runtime = nodeRuntime({ network, logger: SILENT_LOGGER });
  const node = await startNode({ runtime, environment: {}, ...rest });
  const local = new Local(id);
  const pid = node.spawn(local);
  return {
    node,
    local,
    upid: new UPID(pid.id, node.address),
    does: (thunk) => {
      node.post(pid, () => {
        thunk(local);
      });
    },
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

/** Writes to a port by hand, and reads until `enough` holds or the other end has closed. */
async function write(
  port: number,
  text: string,
  enough: (got: string) => boolean,
): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  let got = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(text, 'latin1');
  await Promise.race([eventually(() => enough(got) || socket.destroyed), closed]);
  socket.destroy();
  return got;
}

const statuses = (got: string): string[] =>
  [...got.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, s = '']) => s);

describe('a C++ process', () => {
  test('is asked what it speaks once, told in its form, and heard on connections of its own', async () => {
    await using peer = await CppPeer.start();
    await using here = await start();
    const remote = peer.upid('master');
    here.does((local) => {
      for (let n = 0; n < 100; n += 1) local.say(remote, 'number', String(n));
      local.say(remote, 'empty');
    });
    await eventually(() => peer.messages.length === 101);
    expect(peer.messages.map(({ body }) => body)).toEqual([
      ...Array.from({ length: 100 }, (_, n) => String(n)),
      '',
    ]);
    expect(peer.upgrades).toBe(1);
    expect(new Set(peer.messages.map(({ connection }) => connection)).size).toBe(1);
    expect(peer.messages.at(-1)).toMatchObject({
      from: here.upid.toString(),
      to: 'master',
      name: 'empty',
    });
    expect(peer.messages.at(-1)?.head).not.toMatch(/Content-Length|Transfer-Encoding/i);
    expect(peer.messages[0]?.head).toBe(
      [
        'POST /master/number HTTP/1.1',
        `User-Agent: libprocess/${here.upid.toString()}`,
        `Libprocess-From: ${here.upid.toString()}`,
        'Connection: Keep-Alive',
        `Host: ${remote.address}`,
        'Transfer-Encoding: chunked\r\n\r\n',
      ].join('\r\n'),
    );
    // Each of these has a socket, which is closed before the answer can have come.
    for (let n = 0; n < 50; n += 1) peer.send('master', here.upid, { name: 'ping', body: `p${n}` });
    await eventually(() => peer.messages.length === 151);
    const pongs = peer.messages.slice(101).map(({ body }) => body);
    expect(new Set(pongs)).toEqual(new Set(Array.from({ length: 50 }, (_, n) => `p${n}`)));
    expect(peer.upgrades).toBe(1);
  });

  test('that speaks first is answered in its form without being asked', async () => {
    await using peer = await CppPeer.start();
    await using here = await start();
    peer.send('slave(1)', here.upid, { name: 'ping', body: 'hello' });
    await eventually(() => peer.messages.length === 1);
    expect(peer.messages[0]).toMatchObject({ to: 'slave(1)', name: 'pong', body: 'hello' });
    expect(peer.upgrades).toBe(0);
  });

  test('links, speaks in order over the one connection that stays, and hears of our end', async () => {
    await using peer = await CppPeer.start();
    const here = await start();
    peer.link(here.upid);
    const bodies = Array.from({ length: 200 }, (_, n) => (n % 3 === 0 ? '' : `b${n}`));
    for (const body of bodies) peer.send('slave(1)', here.upid, { name: 'ping', body });
    await eventually(
      () => here.local.story.length === 200 && statuses(peer.answers).length === 200,
    );
    expect(here.local.story.map((line) => line.split(' ')[1])).toEqual(bodies);
    expect(peer.exits).toEqual([]);
    await here[Symbol.asyncDispose]();
    await eventually(() => peer.exits.length > 0);
    expect(peer.exits).toEqual([here.upid.toString()]);
  });

  test('that ends is told once to each linker, and asked again when it is back', async () => {
    await using peer = await CppPeer.start();
    await using here = await start();
    const [master, other] = [peer.upid('master'), peer.upid('other')];
    here.does((local) => {
      local.watch(master);
      local.watch(other);
      local.watch(master);
      local.say(master, 'number', '1');
    });
    await eventually(() => peer.messages.length === 1);
    // The connection that asked is gone, and the one that stays is not.
    await eventually(() => peer.accepted.size === 1);
    peer.hangUp();
    await eventually(() => here.local.story.length === 2);
    expect(new Set(here.local.story)).toEqual(
      new Set([`exited ${master.toString()}`, `exited ${other.toString()}`]),
    );
    here.does((local) => local.say(master, 'number', '2'));
    await eventually(() => peer.messages.length === 2);
    expect(peer.upgrades).toBe(2);
    expect(here.local.story).toHaveLength(2);
  });

  test('that is linked anew has a connection anew, and its former one ends unheard', async () => {
    await using peer = await CppPeer.start();
    await using here = await start();
    const master = peer.upid('master');
    here.does((local) => {
      local.watch(master);
      local.say(master, 'number', '1');
    });
    await eventually(() => peer.messages.length === 1 && peer.accepted.size === 1);
    const [former] = peer.accepted;
    // The answer must have come: until then the connection is known to be of use.
    const again = async (): Promise<void> => {
      while (former?.destroyed === false) {
        here.does((local) => local.watch(master, 'reconnect'));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await again();
    here.does((local) => local.say(master, 'number', '2'));
    await eventually(() => peer.messages.length === 2);
    expect(peer.messages[1]?.connection).not.toBe(peer.messages[0]?.connection);
    expect(here.local.story).toEqual([]);
    peer.hangUp();
    await eventually(() => here.local.story.length === 1);
    expect(here.local.story).toEqual([`exited ${master.toString()}`]);
  });

  test('may never answer, or know nobody: messages flow, and nobody is told to be gone', async () => {
    for (const options of [{ mute: true }, { processes: [] }]) {
      await using peer = await CppPeer.start(options);
      await using here = await start();
      const remote = peer.upid('master');
      here.does((local) => {
        local.watch(remote);
        for (let n = 0; n < 300; n += 1) local.say(remote, 'number', String(n));
      });
      await eventually(() => peer.messages.length === 300);
      expect(peer.messages.at(-1)?.body).toBe('299');
      expect(here.local.story).toEqual([]);
    }
  });

  test('is spoken to over TLS like anybody else', async () => {
    using files = new TestFiles();
    const authority = TestAuthority.create();
    const { certificatePem: cert, keyPem: key } = authority.issue();
    const ssl = { ...files.node(authority), verifyServerCert: true, verifyIpAddress: true };
    await using peer = await CppPeer.start({ tls: { cert, key, maxVersion: 'TLSv1.2' } });
    await using here = await start({ ssl });
    const remote = peer.upid('master');
    here.does((local) => {
      local.watch(remote);
      for (let n = 0; n < 100; n += 1) local.say(remote, 'number', String(n));
    });
    await eventually(() => peer.messages.length === 100);
    peer.link(here.upid);
    peer.send('master', here.upid, { name: 'ping', body: 'secret' });
    await eventually(() => peer.messages.length === 101);
    expect(peer.messages[100]).toMatchObject({ name: 'pong', body: 'secret' });
    peer.hangUp();
    await eventually(() => here.local.story.length === 2);
    expect(here.local.story[1]).toBe(`exited ${remote.toString()}`);
  });
});

const post = (path: string, headers: string, body = ''): string =>
  `POST ${path} HTTP/1.1\r\n${headers}${body === '' ? '\r\n' : `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`}`;
const FROM = 'Libprocess-From: peer@127.0.0.1:9\r\n';

describe('a message in the POST form', () => {
  test.each([
    ['by the user agent alone [1381767]', 'User-Agent: libprocess/peer@127.0.0.1:9\r\n'],
    ['by Libprocess-From [6f7f232]', FROM],
    ['by Libprocess-From before the user agent', `User-Agent: libprocess/x@1.2.3.4:5\r\n${FROM}`],
    ['in any case of letters', 'LIBPROCESS-FROM:   peer@127.0.0.1:9  \r\n'],
  ])('names its sender %s, and is answered with 202', async (_what, headers) => {
    await using here = await start();
    const got = await write(here.upid.port, post('/local/ping', headers, 'hello'), (all) =>
      all.includes('\r\n\r\n'),
    );
    expect(statuses(got)).toEqual(['202']);
    expect(here.local.story).toEqual(['ping hello from peer@127.0.0.1:9']);
  });

  test('is answered in its turn, whatever becomes of it', async () => {
    await using here = await start({ id: 'slave(1)' });
    const requests = [
      post('/slave(1)/ping', FROM, 'one'),
      post('/slave%281%29/a.b/c', FROM, 'two'),
      post('/nobody/ping', FROM),
      post('/slave(1)/ping', 'Libprocess-From: \r\n'),
      post('/slave(1)/unknown', FROM),
      post('/slave%2/ping', FROM),
      'GET /slave(1)/nothing HTTP/1.1\r\nUser-Agent: libprocess/x@127.0.0.1:9\r\n\r\n',
      post('/slave(1)/ping', FROM, 'three'),
    ];
    const got = await write(here.upid.port, requests.join(''), (all) => statuses(all).length === 8);
    expect(statuses(got)).toEqual(['202', '202', '404', '500', '202', '500', '404', '202']);
    expect(here.local.story.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'ping one',
      'a.b/c two',
      'ping three',
    ]);
  });

  test.each([
    ['in many chunks', 'Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n4;x=y\r\nello\r\n0\r\n\r\n'],
    ['with a length', 'Content-Length: 5\r\n\r\nhello'],
  ])('has a body %s, byte by byte', async (_how, rest) => {
    await using here = await start();
    const socket = net.connect(here.upid.port, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    socket.setNoDelay(true);
    for (const byte of `POST /local/ping HTTP/1.1\r\n${FROM}${rest}`) {
      socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(() => here.local.story.length === 1);
    expect(here.local.story[0]).toMatch(/^ping hello from/);
    socket.destroy();
  });

  test('counts though its sender has closed its side, or all of the connection', async () => {
    await using here = await start();
    const half = net.connect(here.upid.port, '127.0.0.1');
    half.end(post('/local/ping', FROM, 'half'));
    let answer = '';
    half.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    await eventually(() => statuses(answer).length === 1);
    expect(statuses(answer)).toEqual(['202']);
    const gone = net.connect(here.upid.port, '127.0.0.1');
    gone.on('error', () => undefined);
    gone.write(post('/local/ping', FROM, 'gone'), () => gone.destroy());
    await eventually(() => here.local.story.length === 2);
  });

  test('of a sender at another address is refused where that is asked for', async () => {
    await using strict = await start({ requirePeerAddressIpMatch: true });
    await using trusting = await start();
    const elsewhere = post('/local/ping', 'Libprocess-From: peer@10.9.9.9:9\r\n', 'x');
    for (const [node, status] of [
      [strict, '400'],
      [trusting, '202'],
    ] as const) {
      const got = await write(node.upid.port, elsewhere, (all) => all.includes('\r\n\r\n'));
      expect(statuses(got)).toEqual([status]);
    }
    const honest = await write(strict.upid.port, post('/local/ping', FROM, 'x'), (all) =>
      all.includes('\r\n\r\n'),
    );
    expect(statuses(honest)).toEqual(['202']);
  });

  test('is not read from one that claims to be of this very node', async () => {
    await using here = await start();
    const own = post('/local/ping', `Libprocess-From: local@${here.node.address}\r\n`);
    const got = await write(here.upid.port, own, (all) => all.includes('\r\n\r\n'));
    expect(statuses(got)).toEqual(['400']);
  });
});
