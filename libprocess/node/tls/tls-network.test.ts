import { describeNetwork } from '../../../tests/conformance/network.ts';
import { NodeClock } from '../node-clock.ts';
import { NodeNetwork } from '../node-network.ts';
import { TestAuthority } from './test-certificates.ts';
import { TestFiles } from './test-files.ts';

describeNetwork('NodeNetwork with mutual TLS', () => {
  const files = new TestFiles();
  const ssl = {
    ...files.node(TestAuthority.create()),
    requireClientCert: true,
    verifyIpAddress: true,
  };
  return Promise.resolve({
    it: {
      server: new NodeNetwork({ ssl }),
      client: new NodeNetwork({ ssl }),
      serverIp: '127.0.0.1',
      clock: new NodeClock(),
    },
    complete: (promise) => Promise.resolve(promise),
    [Symbol.asyncDispose]: async () => {
      files[Symbol.dispose]();
    },
  });
});
