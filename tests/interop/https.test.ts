import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { http } from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { TestAuthority } from '../../libprocess/node/tls/test-certificates.ts';
import { TestFiles } from '../../libprocess/node/tls/test-files.ts';
import { SecureNode } from '../support/secure-node.ts';

const authority = TestAuthority.create();
const strangers = TestAuthority.create('Strangers');
const files = new TestFiles();
afterAll(() => {
  files[Symbol.dispose]();
});

const urlOf = ({ port }: SecureNode, scheme: string): string =>
  `${scheme}://localhost:${port}/echo/hello`;

/** A program that gets a page and has no TLS of its own. */
const PROGRAM = `
import { http } from 'mesos-ts/libprocess';
import { nodeRuntime } from 'mesos-ts/libprocess/node';
const { status, body } = await http.get(nodeRuntime().network, process.argv[1]);
console.log(status, new TextDecoder().decode(body).split(' ')[0]);
process.exit();
`;

describe('an https URL', () => {
  test('is got where Node.js trusts the authority of its server, and refused elsewhere', async () => {
    const { caFile, ...ssl } = files.node(authority);
    await using server = await SecureNode.start({ ...ssl, caFile });
    const url = urlOf(server, 'https');
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', PROGRAM, url], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: caFile },
    });
    expect((await run).stdout).toBe('200 GET\n');
    await expect(http.get(new NodeNetwork(), url)).rejects.toMatchObject({
      name: 'NetworkError',
      code: 'SELF_SIGNED_CERT_IN_CHAIN',
    });
  });

  test('is got by the TLS options of a network that has them', async () => {
    await using server = await SecureNode.start(files.node(authority));
    const network = new NodeNetwork({
      ssl: { ...files.node(authority), verifyServerCert: true },
    });
    expect((await http.get(network, urlOf(server, 'https'))).status).toBe(200);
    const stranger = new NodeNetwork({
      ssl: { ...files.node(authority, { trusted: strangers }), verifyServerCert: true },
    });
    await expect(http.get(stranger, urlOf(server, 'https'))).rejects.toThrow(/no authority/);
  });

  test('is never got without TLS, not even where that may be downgraded', async () => {
    await using server = await SecureNode.start(undefined);
    const network = new NodeNetwork({ ssl: { ...files.node(authority), supportDowngrade: true } });
    expect((await http.get(network, urlOf(server, 'http'))).status).toBe(200);
    for (const each of [network, new NodeNetwork()])
      await expect(http.get(each, urlOf(server, 'https'))).rejects.toMatchObject({
        name: 'NetworkError',
      });
  });
});
