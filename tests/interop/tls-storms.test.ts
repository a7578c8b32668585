import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { DialOutcome } from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { Credentials, eventually, handshake, SecureNode } from '../support/secure-node.ts';

const credentials = new Credentials();
const { authority, strangers, files } = credentials;
afterAll(() => {
  credentials[Symbol.dispose]();
});

/** Ends when the other side does; whatever goes wrong is the same. */
function ended(socket: net.Socket): Promise<unknown> {
  socket.on('error', () => undefined).resume();
  return new Promise((resolve) => socket.once('close', resolve));
}

describe('a handshake that does not come to its end', () => {
  test.each([
    ['with a server', false],
    ['with one that allows downgrade', true],
  ])('is cut %s, also when bytes trickle in', async (_what, supportDowngrade) => {
    const ssl = { ...files.node(authority), supportDowngrade };
    await using node = await SecureNode.start(ssl, { handshakeTimeoutMs: 300 });
    const silent = net.connect(node.port, '127.0.0.1');
    const slow = net.connect(node.port, '127.0.0.1');
    slow.write(Buffer.of(0x16, 0x03, 0x01, 0x02, 0x00));
    const trickle = setInterval(() => slow.write(Buffer.of(1)), 20);
    await Promise.all([ended(silent), ended(slow)]);
    clearInterval(trickle);
    expect(await handshake(node.port, {})).toBe('HTTP/1.1 200');
  });

  test('is given up by a client, which a silent server cannot hold', async () => {
    const accepted: net.Socket[] = [];
    const server = net.createServer((socket) => accepted.push(socket.on('error', () => undefined)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as net.AddressInfo;
    await using client = await SecureNode.start(
      { ...credentials.verified(), supportDowngrade: true },
      { handshakeTimeoutMs: 200 },
    );
    const request = { method: 'GET', path: '/', query: {}, headers: {}, body: new Uint8Array(0) };
    const asked = client.network.request(`127.0.0.1:${port}`, request, { timeoutMs: 60_000 });
    // Silence is no word of a server that speaks plainly.
    await expect(asked).rejects.toThrow('no handshake within 0.2 seconds');
    expect(accepted).toHaveLength(1);
    // Nor can it hold a link for longer than a dial may take.
    await using patient = await SecureNode.start(credentials.verified());
    const target = { address: `127.0.0.1:${port}`, path: '/', headers: {}, timeoutMs: 100 };
    const outcome = await new Promise<DialOutcome>((resolve) => {
      patient.network.dial(target, (decided) => {
        resolve(decided);
        return undefined;
      });
    });
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'ETIMEDOUT' } });
    for (const socket of accepted) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  test('waits for a slow DNS no longer than for anything else, and takes what comes too late', async () => {
    let answer: (name: string | undefined) => void = () => undefined;
    const hooks = {
      handshakeTimeoutMs: 300,
      reverseLookup: (_ip: string, _port: number, done: (name: string | undefined) => void) => {
        answer = done;
      },
    };
    const ssl = { ...files.node(authority), requireClientCert: true };
    await using node = await SecureNode.start(ssl, hooks);
    const { certificatePem: cert, keyPem: key } = authority.issue();
    expect(await handshake(node.port, { cert, key })).toMatch(/^failed/);
    answer('localhost');
    expect(node.warnings).toEqual([]);
  });
});

describe('a storm of connections', () => {
  test('of 300 handshakes at once, half of them without a right to it, is sorted out', async () => {
    await using node = await SecureNode.start(credentials.mutual());
    // Made once: each of them loads all authorities of Node.js.
    const pem = (of: typeof authority) => {
      const { certificatePem: cert, keyPem: key } = of.issue();
      return { secureContext: tls.createSecureContext({ cert, key }) };
    };
    const [good, bad] = [pem(authority), pem(strangers)];
    const outcomes = await Promise.all(
      Array.from({ length: 300 }, (_, n) => handshake(node.port, n % 2 === 0 ? good : bad)),
    );
    expect(outcomes.filter((each) => each === 'HTTP/1.1 200')).toHaveLength(150);
    // One line a minute for a peer and a reason, however often it tries.
    expect(node.warnings).toHaveLength(1);
  });

  test('is served while it closes, and none of it is left', async () => {
    const node = await SecureNode.start(files.node(authority));
    const sockets = Array.from({ length: 100 }, (_, n) => {
      const socket = net.connect(node.port, '127.0.0.1');
      if (n % 2 === 0) socket.write(Buffer.of(0x16, 0x03, 0x01, 0x02));
      return socket;
    });
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const ends = sockets.map(ended);
    await node[Symbol.asyncDispose]();
    await Promise.all(ends);
  });
});

/** Asks again and again, each time over a new connection; the reason of the first refusal. */
async function untilRefused(server: SecureNode): Promise<string> {
  for (;;) {
    try {
      await server.get(new NodeNetwork({ ssl: credentials.verified() }));
    } catch (error) {
      return String(error);
    }
  }
}

describe('certificates that are replaced', () => {
  test('count for new connections; those in the middle of a handshake and open ones live on', async () => {
    const paths = files.node(authority, { commonName: 'old' });
    await using node = await SecureNode.start(paths);
    const nameOf = async (): Promise<string> => {
      const socket = tls.connect({ port: node.port, host: '127.0.0.1', rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const name = String(socket.getPeerCertificate().subject.CN);
      socket.destroy();
      return name;
    };
    const open = tls.connect({ port: node.port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(open, 'secureConnect');
    // A connection that has been accepted, and whose handshake begins after the change.
    const early = net.connect(node.port, '127.0.0.1');
    await once(early, 'connect');
    expect(await nameOf()).toBe('old');

    const { certificatePem, keyPem } = authority.issue({ commonName: 'new' });
    writeFileSync(paths.certFile, certificatePem);
    // Half of a change is no change.
    expect(await nameOf()).toBe('old');
    writeFileSync(paths.keyFile, keyPem);
    for (let name = 'old'; name !== 'new'; name = await nameOf());

    const late = tls.connect({ socket: early, rejectUnauthorized: false });
    await once(late, 'secureConnect');
    late.destroy();
    let answer = '';
    open.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    open.write('GET /echo/hello HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(() => answer.includes('200 OK'));
    open.destroy();
  });

  test('break no link, and the next one has them', async () => {
    const paths = files.node(authority, { commonName: 'old' });
    await using a = await SecureNode.start(credentials.verified());
    await using b = await SecureNode.start(paths);
    expect(await a.ping(b)).toBe('hello');
    const next = strangers.issue();
    writeFileSync(paths.certFile, next.certificatePem);
    writeFileSync(paths.keyFile, next.keyPem);
    expect(await a.ping(b, 'over the link')).toBe('over the link');
    expect(await untilRefused(b)).toMatch(/no authority/);
    expect(await a.ping(b, 'still')).toBe('still');
  });
});
