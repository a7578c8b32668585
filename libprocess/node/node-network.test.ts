import { expect, test } from '@jest/globals';
import { NetworkError } from '../errors.ts';
import { Pipe } from '../http/pipe.ts';
import { describeNetwork } from '../../tests/conformance/network.ts';
import { NodeClock } from './node-clock.ts';
import { NodeNetwork } from './node-network.ts';

describeNetwork('NodeNetwork', () =>
  Promise.resolve({
    it: {
      server: new NodeNetwork(),
      client: new NodeNetwork(),
      serverIp: '127.0.0.1',
      clock: new NodeClock(),
    },
    complete: (promise) => Promise.resolve(promise),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
);

test.each([
  ['a line break in a header', '127.0.0.1:1', { headers: { 'x-a': 'b\r\nc: d' } }],
  ['a blank in its path', '127.0.0.1:1', { path: '/a b' }],
  ['a port that is none', '127.0.0.1:99999', {}],
])('a request with %s fails, and is never sent', async (_what, address, odd) => {
  const { reader, writer } = new Pipe();
  const plain = { method: 'POST', path: '/', query: {}, headers: {}, body: new Uint8Array(0) };
  const asked = new NodeNetwork().request(
    address,
    { ...plain, ...odd, reader },
    { timeoutMs: 1_000 },
  );
  await expect(asked).rejects.toBeInstanceOf(NetworkError);
  expect(writer.readerClosed().isReady).toBe(true);
});
