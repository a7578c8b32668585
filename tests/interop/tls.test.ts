import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type net from 'node:net';
import tls, { type ConnectionOptions } from 'node:tls';
import { afterAll, describe, expect, test } from '@jest/globals';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import type { TlsHooks } from '../../libprocess/node/tls/tls-setup.ts';
import {
  TLS_VERSIONS,
  type SslSettings,
  type TlsVersion,
} from '../../libprocess/options/ssl-options.ts';
import { Credentials, handshake, pems, SecureNode } from '../support/secure-node.ts';

const credentials = new Credentials();
const { authority, strangers, files } = credentials;
afterAll(() => {
  credentials[Symbol.dispose]();
});
const verified = (...args: Parameters<Credentials['verified']>): SslSettings =>
  credentials.verified(...args);
const mutual = (...args: Parameters<Credentials['mutual']>): SslSettings =>
  credentials.mutual(...args);

describe('nodes that speak TLS', () => {
  test('exchange messages both ways [bb144aa, f5d3270]', async () => {
    const ssl = files.node(authority);
    await using a = await SecureNode.start(ssl);
    await using b = await SecureNode.start(ssl);
    expect([await a.ping(b, 'to b'), await b.ping(a, 'to a')]).toEqual(['to b', 'to a']);
    expect(a.warnings[0]).toContain('not verified');
  });

  test('prove themselves to one another by certificates of one authority [09b0a9f, 827ee27]', async () => {
    await using a = await SecureNode.start(mutual());
    await using b = await SecureNode.start(mutual());
    expect([await a.ping(b), await b.ping(a)]).toEqual(['hello', 'hello']);
    expect([...a.warnings, ...b.warnings]).toEqual([]);
  });

  test('do so with RSA keys and through intermediate authorities', async () => {
    const between = authority.authority('Department').authority('Team');
    await using a = await SecureNode.start(mutual(between, { keyType: 'rsa', trusted: authority }));
    await using b = await SecureNode.start(mutual());
    expect([await a.ping(b), await b.ping(a)]).toEqual(['hello', 'hello']);
  });

  test('refuse a chain that is longer than the verification depth', async () => {
    const between = authority.authority('Department').authority('Team');
    await using a = await SecureNode.start({ ...verified(), verificationDepth: 1 });
    await using b = await SecureNode.start(verified(between, { trusted: authority }));
    expect(await a.ping(b)).toBe('exited');
    expect(a.warnings.join()).toContain('2 intermediate authorities away');
    await using c = await SecureNode.start({ ...verified(), verificationDepth: 2 });
    expect(await c.ping(b)).toBe('hello');
  });

  test('answer HTTPS, GET and POST, and see the address of the client [d9cc647, 7e354d4, 6eff874]', async () => {
    await using node = await SecureNode.start(mutual());
    const client = new NodeNetwork({ ssl: mutual() });
    expect(await node.get(client)).toMatch(/^GET {2}127\.0\.0\.1:\d+$/);
    const body = 'x'.repeat(100_000);
    expect(await node.get(client, { method: 'POST', body })).toMatch(/^POST x{100000} 127/);
  });

  test('use elliptic curves for their keys, of the kinds that are named [24c1e50]', async () => {
    await using node = await SecureNode.start({
      ...files.node(authority, { keyType: 'rsa' }),
      ecdhCurves: 'P-384',
    });
    const ciphers = 'ECDHE-RSA-AES128-GCM-SHA256';
    const ask = (ecdhCurve: string) => handshake(node.port, { ecdhCurve, ciphers });
    expect(await ask('P-384')).toBe('HTTP/1.1 200');
    expect(await ask('P-256')).toMatch(/^failed ERR_SSL/);
  });

  test('agree only on a version that both enable [de9ead4]', async () => {
    const ciphers = 'DEFAULT:@SECLEVEL=0';
    // Before TLS 1.2 none of the ciphers works with an EC key.
    const rsa = files.node(authority, { keyType: 'rsa' });
    const enabled = TLS_VERSIONS.map((version) => [version] as const);
    for (const versions of [...enabled, ['TLSv1', 'TLSv1.2'] as const]) {
      await using node = await SecureNode.start({ ...rsa, versions });
      for (const version of TLS_VERSIONS) {
        const only = { minVersion: version, maxVersion: version, ciphers } as const;
        const got = await handshake(node.port, version === 'TLSv1.3' ? bare(only) : only);
        const right = (versions as readonly TlsVersion[]).includes(version);
        expect([version, versions, got.startsWith('HTTP/1.1 200')]).toEqual([
          version,
          versions,
          right,
        ]);
      }
    }
  });
});

/** TLS 1.3 has ciphers of its own. */
const bare = ({ minVersion, maxVersion }: ConnectionOptions): ConnectionOptions => ({
  ...(minVersion && { minVersion }),
  ...(maxVersion && { maxVersion }),
});

describe('a server that is not who it should be', () => {
  test('is taken as it is where certificates are not verified [384d6c0]', async () => {
    await using a = await SecureNode.start(files.node(authority));
    await using b = await SecureNode.start(files.node(strangers));
    expect(await a.ping(b)).toBe('hello');
  });

  test.each([
    [
      'is of another authority [9b075ec]',
      () => verified(strangers),
      /no authority in LIBPROCESS_SSL_CA_FILE/,
    ],
    [
      'has expired',
      () => verified(authority, { validTo: new Date(Date.now() - 1_000) }),
      /its certificate has expired/,
    ],
    [
      'is not valid yet',
      () => verified(authority, { validFrom: new Date(Date.now() + 1_000_000) }),
      /not valid yet/,
    ],
    [
      'names somebody else',
      () => verified(authority, { names: ['10.1.2.3', 'other.example'], commonName: 'other' }),
      /does not name/,
    ],
  ])('is refused when its certificate %s', async (_what, theirs, reason) => {
    for (const hostnameValidationScheme of ['legacy', 'openssl'] as const) {
      await using a = await SecureNode.start({ ...verified(), hostnameValidationScheme });
      await using b = await SecureNode.start({ ...theirs(), verifyServerCert: false });
      expect(await a.ping(b)).toBe('exited');
      expect(a.warnings.join()).toMatch(reason);
      await expect(b.get(a.network)).rejects.toThrow(reason);
    }
  });

  test('is refused when it presents no certificate at all [4044caf]', async () => {
    const ciphers = 'AECDH-AES128-SHA:@SECLEVEL=0';
    const server = tls.createServer({ ciphers, maxVersion: 'TLSv1.2' }, (socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
    server.on('tlsClientError', () => undefined);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = `127.0.0.1:${(server.address() as net.AddressInfo).port}`;
    const get = (ssl: SslSettings) =>
      new NodeNetwork({ ssl }).request(
        address,
        { method: 'GET', path: '/', query: {}, headers: {}, body: new Uint8Array(0) },
        { timeoutMs: 10_000 },
      );
    await expect(get(verified())).rejects.toThrow('no cipher is enabled on both sides');
    await expect(get({ ...verified(), ciphers })).rejects.toThrow('presented no certificate');
    await new Promise((resolve) => server.close(resolve));
  });

  test('is found by the name of its IP in the legacy scheme, which DNS must know', async () => {
    const named = files.node(authority, { names: ['m1.example'], commonName: 'm1' });
    const ssl = { ...files.node(authority), verifyServerCert: true };
    const start = (name: string | undefined) =>
      SecureNode.start(ssl, {
        reverseLookup: (_ip, _port, done) => {
          setImmediate(done, name);
        },
      });
    await using server = await SecureNode.start(named);
    for (const [name, came] of [
      ['m1.example', 'hello'],
      ['M1', 'hello'],
      ['m2.example', 'exited'],
      [undefined, 'exited'],
    ] as const) {
      await using client = await start(name);
      expect([name, await client.ping(server)]).toEqual([name, came]);
    }
  });

  test('is no other for having a name in its certificate that reads as two', async () => {
    const names = ['a, DNS:m1.example, b', 'a, IP Address:127.0.0.1, b'];
    await using server = await SecureNode.start(files.node(authority, { names }));
    const reverseLookup: TlsHooks['reverseLookup'] = (_ip, _port, done) => {
      setImmediate(done, 'm1.example');
    };
    for (const verifyIpAddress of [true, false]) {
      const ssl = { ...verified(), verifyIpAddress };
      await using client = await SecureNode.start(ssl, { reverseLookup });
      expect(await client.ping(server)).toBe('exited');
    }
  });

  test.each(['legacy', 'openssl'] as const)(
    'may not be named by its IP only: %s',
    async (scheme) => {
      const named = { names: ['127.0.0.1'], commonName: 'x' };
      const ssl = { ...verified(authority, named), hostnameValidationScheme: scheme };
      await using server = await SecureNode.start(ssl);
      await using client = await SecureNode.start({ ...ssl, verifyIpAddress: false });
      expect(await client.ping(server)).toBe('exited');
      expect(client.warnings.join()).toContain('LIBPROCESS_SSL_VERIFY_IPADD');
    },
  );
});

describe('a client that is not who it should be', () => {
  test.each([
    ['has no certificate', () => ({}), /it presented no certificate/],
    ['has one of another authority', () => pems(strangers), /no authority/],
    ['has an expired one', () => pems(authority, { validTo: new Date(0) }), /has expired/],
    [
      'has one for another address',
      () => pems(authority, { names: ['10.9.9.9'], commonName: 'x' }),
      /does not name/,
    ],
  ])('is refused when it %s', async (_what, options, reason) => {
    await using node = await SecureNode.start(mutual());
    expect(await handshake(node.port, options())).toMatch(/^failed/);
    expect(node.warnings.join()).toMatch(reason);
    expect(await handshake(node.port, pems(authority))).toBe('HTTP/1.1 200');
  });

  test('hears why where it is a node of ours, as far as that can be told', async () => {
    await using server = await SecureNode.start(mutual());
    await using client = await SecureNode.start(verified(strangers, { trusted: authority }));
    expect(await client.ping(server)).toBe('exited');
    expect(client.warnings.join()).toContain('may not accept our certificate');
    expect(server.warnings.join()).toMatch(/no authority/);
  });

  test('is not asked for a name in the other scheme', async () => {
    await using node = await SecureNode.start({
      ...mutual(),
      hostnameValidationScheme: 'openssl',
    });
    const stranger = pems(authority, { names: ['10.9.9.9'] });
    expect(await handshake(node.port, stranger)).toBe('HTTP/1.1 200');
  });
});

describe('a certificate that its authority has revoked', () => {
  test('is refused on both sides, and others are not', async () => {
    const [good, stolen] = [mutual(), mutual()];
    const list = files.write(
      'revoked.crl',
      authority.revoke([readFileSync(stolen.certFile, 'utf8')]),
    );
    await using node = await SecureNode.start({ ...good, crlFile: list });
    await using thief = await SecureNode.start(stolen);
    await using other = await SecureNode.start(mutual());
    expect(await thief.ping(node)).toBe('exited');
    expect(node.warnings.join()).toContain('its certificate is revoked');
    expect(await node.ping(thief)).toBe('exited');
    expect(await other.ping(node)).toBe('hello');
  });

  test('could be any where an authority has no list, or an old one', async () => {
    const expired = authority.revoke([], { validTo: new Date(Date.now() - 1_000) });
    for (const [list, reason] of [
      [strangers.revoke([]), 'has no list in LIBPROCESS_SSL_CRL_FILE'],
      [expired, 'in LIBPROCESS_SSL_CRL_FILE has expired'],
    ] as const) {
      await using node = await SecureNode.start({
        ...mutual(),
        crlFile: files.write('other.crl', list),
      });
      await using other = await SecureNode.start(mutual());
      expect(await node.ping(other)).toBe('exited');
      expect(node.warnings.join()).toContain(reason);
    }
  });
});
