import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { TlsHooks } from '../../libprocess/node/tls/tls-setup.ts';
import { TLS_VERSIONS, type SslSettings } from '../../libprocess/options/ssl-options.ts';
import {
  Credentials,
  handshake,
  outcome,
  pems,
  plain,
  SecureNode,
} from '../support/secure-node.ts';

const credentials = new Credentials();
const { authority, strangers, files } = credentials;
afterAll(() => {
  credentials[Symbol.dispose]();
});
const verified = (...args: Parameters<Credentials['verified']>): SslSettings =>
  credentials.verified(...args);

describe('a node that speaks TLS, and a plain one', () => {
  test('exchange nothing [24808b6, 4f3af86, dc0d262]', async () => {
    await using secure = await SecureNode.start(files.node(authority));
    await using open = await SecureNode.start();
    expect(await plain(secure.port)).toMatch(/^failed/);
    expect(secure.warnings.join()).toContain('LIBPROCESS_SSL_SUPPORT_DOWNGRADE is off');
    expect(await open.ping(secure)).toBe('exited');
    expect(await secure.ping(open)).toBe('exited');
    await expect(open.get(secure.network)).rejects.toThrow('SUPPORT_DOWNGRADE is off');
  });

  test('do so whatever version of TLS is enabled [ba39017]', async () => {
    for (const version of TLS_VERSIONS) {
      await using node = await SecureNode.start({ ...files.node(authority), versions: [version] });
      expect(await plain(node.port)).toMatch(/^failed/);
    }
  });

  test('understand one another where downgrade is asked for [0d7c95f]', async () => {
    const ssl = { ...files.node(authority), supportDowngrade: true };
    await using secure = await SecureNode.start(ssl);
    await using open = await SecureNode.start();
    expect([await secure.ping(open), await open.ping(secure)]).toEqual(['hello', 'hello']);
    await using other = await SecureNode.start(ssl);
    expect(await other.ping(secure)).toBe('hello');
    expect(await handshake(secure.port, {})).toBe('HTTP/1.1 200');
  });

  test('do so whatever version of TLS is enabled, also piece by piece [30785be]', async () => {
    for (const version of TLS_VERSIONS) {
      const ssl = { ...files.node(authority), supportDowngrade: true, versions: [version] };
      await using node = await SecureNode.start(ssl);
      expect(await plain(node.port)).toBe('HTTP/1.1 200');
      const body = 'x'.repeat(300_000);
      const post = `POST /echo/hello HTTP/1.1\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
      expect(await plain(node.port, post + body)).toBe('HTTP/1.1 200');
      const socket = net.connect(node.port, '127.0.0.1');
      for (const byte of 'GET /echo/hello HTTP/1.1\r\nConnection: close\r\n\r\n') {
        socket.write(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await outcome(socket)).toBe('HTTP/1.1 200');
    }
  });

  test('are not brought to speak plainly by whoever poses as a server in TLS', async () => {
    await using client = await SecureNode.start({ ...verified(), supportDowngrade: true });
    await using impostor = await SecureNode.start({
      ...files.node(strangers),
      supportDowngrade: true,
    });
    expect(await client.ping(impostor)).toBe('exited');
    expect(client.warnings.join()).toMatch(/no authority/);
  });

  test('do not speak plainly because they have no version of TLS in common', async () => {
    const ssl = { ...files.node(authority), supportDowngrade: true };
    await using client = await SecureNode.start({ ...ssl, versions: ['TLSv1.3'] });
    await using server = await SecureNode.start(ssl);
    expect(await client.ping(server)).toBe('exited');
    expect(client.warnings.join()).toContain('no version of TLS is enabled on both sides');
  });

  test('are not brought together by somebody between them who answers plainly', async () => {
    await using client = await SecureNode.start(verified());
    let read = '';
    const middle = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        read += chunk.toString('latin1');
        socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      });
    });
    await once(middle.listen(0, '127.0.0.1'), 'listening');
    const { port } = middle.address() as net.AddressInfo;
    const request = {
      method: 'POST',
      path: '/secret',
      query: {},
      headers: {},
      body: Buffer.from('s'),
    };
    const asked = client.network.request(`127.0.0.1:${port}`, request, { timeoutMs: 10_000 });
    await expect(asked).rejects.toThrow('SUPPORT_DOWNGRADE is off');
    expect(read).not.toContain('secret');
    await new Promise((resolve) => middle.close(resolve));
  });
});

describe('silent and hostile connections', () => {
  test.each([
    ['with TLS [390947f]', false],
    ['with downgrade [46a8dc2]', true],
  ])('hold nobody up %s', async (_what, supportDowngrade) => {
    await using node = await SecureNode.start({ ...files.node(authority), supportDowngrade });
    const silent = Array.from({ length: 500 }, () => {
      const socket = net.connect(node.port, '127.0.0.1');
      return socket.on('error', () => undefined);
    });
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    // Some begin a handshake, and leave it there.
    for (const socket of silent.slice(0, 250)) socket.write(Buffer.of(0x16, 0x03, 0x01));
    const answers = Array.from({ length: 20 }, () => handshake(node.port, {}));
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['HTTP/1.1 200']));
    for (const socket of silent) socket.destroy();
  });

  test('cannot make a server renegotiate', async () => {
    await using node = await SecureNode.start(files.node(authority));
    const socket = tls.connect({ port: node.port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const refused = await new Promise<Error | null>((resolve) => {
      socket.on('error', resolve);
      socket.renegotiate({}, resolve);
    });
    expect(String(refused)).toMatch(/no[ _]renegotiation/i);
    socket.destroy();
    expect(await handshake(node.port, {})).toBe('HTTP/1.1 200');
  });

  test('of a hundred kinds of nonsense change nothing', async () => {
    await using node = await SecureNode.start({ ...files.node(authority), supportDowngrade: true });
    const hello = Buffer.from('160301ffff01000100', 'hex');
    const sent = Array.from({ length: 100 }, (_, n) => {
      const bytes = Buffer.alloc(64 + n, n);
      if (n % 2 === 0) hello.copy(bytes);
      const socket = net.connect(node.port, '127.0.0.1');
      socket.on('error', () => undefined).resume();
      if (n % 3 === 0) socket.end(bytes);
      else socket.write(bytes, () => socket.resetAndDestroy());
      return new Promise((resolve) => socket.once('close', resolve));
    });
    await Promise.all(sent);
    expect(await handshake(node.port, {})).toBe('HTTP/1.1 200');
  });

  test('of a reset in the middle of a handshake end no process', async () => {
    await using node = await SecureNode.start(files.node(authority));
    const clients = Array.from({ length: 50 }, async (_, n) => {
      const socket = tls.connect({ port: node.port, host: '127.0.0.1', rejectUnauthorized: false });
      socket.on('error', () => undefined);
      await once(socket, n % 2 === 0 ? 'connect' : 'secureConnect');
      socket.destroy();
    });
    await Promise.all(clients);
    expect(await handshake(node.port, {})).toBe('HTTP/1.1 200');
  });

  test('that are shut down are sent nothing more, and hold nothing [06d37cd]', async () => {
    await using node = await SecureNode.start(files.node(authority));
    let ended: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => (ended = resolve));
    const connection = node.network.connect(node.address, {
      onOpen: () => {
        connection.close();
        connection.write(Buffer.alloc(1_000_000));
      },
      onBytes: () => undefined,
      onClose: () => {
        ended();
      },
    });
    await closed;
    connection.write(Buffer.alloc(1_000_000));
    expect(connection.bufferedBytes).toBe(0);
  });
});

describe('a program that decides by itself', () => {
  const refuse = (): never => {
    throw new Error('not this one');
  };

  test('configures single connections and looks at the peers of all [2ed4d24]', async () => {
    const seen: string[] = [];
    const hooks: TlsHooks = {
      configure: ({ port }) => {
        seen.push(`to ${port}`);
        return { servername: 'm1.example' };
      },
      verify: ({ side, socket }) => {
        seen.push(`${side} ${String(socket.getPeerCertificate().subject.CN)}`);
        return undefined;
      },
    };
    await using server = await SecureNode.start(verified());
    await using client = await SecureNode.start(verified(), hooks);
    expect(await client.ping(server)).toBe('hello');
    expect(seen).toEqual([`to ${server.port}`, 'server localhost']);
  });

  test.each<[string, TlsHooks]>([
    [
      'before the handshake [5d0fc95]',
      {
        configure: refuse,
      },
    ],
    ['after it [b9b42e6]', { verify: () => 'not this one' }],
    ['after it, for that is what it throws', { verify: refuse }],
  ])('refuses a server %s', async (_when, hooks) => {
    await using server = await SecureNode.start(verified());
    await using client = await SecureNode.start(verified(), hooks);
    await expect(server.get(client.network)).rejects.toThrow('not this one');
    expect(await client.ping(server)).toBe('exited');
  });

  test('refuses a client at which it throws', async () => {
    await using server = await SecureNode.start(verified(), { verify: refuse });
    expect(await handshake(server.port, pems(authority))).toMatch(/^failed/);
    expect(server.warnings.join()).toContain('not this one');
  });
});

describe('a connection that ends without a word of TLS', () => {
  /** A server that answers, and whose connection somebody on the way cuts at the end of what it sent. */
  async function cut(answer: string) {
    let raw: net.Socket | undefined;
    const server = tls.createServer(pems(authority), (secured) => {
      secured.on('error', () => undefined);
      secured.once('data', () => {
        secured.write(`HTTP/1.1 200 OK\r\n${answer}`, () => raw?.end());
      });
    });
    const front = net.createServer((socket) => {
      raw = socket.on('error', () => undefined);
      server.emit('connection', socket);
    });
    await once(front.listen(0, '127.0.0.1'), 'listening');
    const { port } = front.address() as net.AddressInfo;
    return { address: `127.0.0.1:${port}`, close: () => front.close() };
  }

  test.each(['Connection: close\r\n\r\nhalf', 'Content-Length: 9\r\n\r\nhalf', 'X: y\r\n\r\nhalf'])(
    'is no end of a body (%j), nor clean',
    async (answer) => {
      await using client = await SecureNode.start(verified());
      const server = await cut(answer);
      const ask = { method: 'GET', path: '/', query: {}, headers: {}, body: new Uint8Array(0) };
      const whole = client.network
        .request(server.address, ask, { timeoutMs: 10_000 })
        .then(({ body }) => (body instanceof Uint8Array ? body : body.readAll()));
      await expect(whole).rejects.toMatchObject({ code: 'ECONNRESET' });
      const clean = await new Promise<boolean>((resolve) => {
        const connection = client.network.connect(server.address, {
          onOpen: () => connection.write(Buffer.from('GET / HTTP/1.1\r\n\r\n')),
          onBytes: () => undefined,
          onClose: (_reason, clean) => {
            resolve(clean);
          },
        });
      });
      expect(clean).toBe(false);
      server.close();
    },
  );
});
