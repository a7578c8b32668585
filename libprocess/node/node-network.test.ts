import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { NetworkError } from '../errors.ts';
import { HttpConnection } from '../http/client/connection.ts';
import { Pipe } from '../http/pipe.ts';
import { describeEnds } from '../../tests/conformance/network-bytes.ts';
import type { OpenNetworks } from '../../tests/conformance/network-stage.ts';
import { describeNetwork } from '../../tests/conformance/network.ts';
import { NodeClock } from './node-clock.ts';
import { NodeNetwork } from './node-network.ts';

const open: OpenNetworks = () =>
  Promise.resolve({
    it: {
      server: new NodeNetwork(),
      client: new NodeNetwork(),
      serverIp: '127.0.0.1',
      clock: new NodeClock(),
    },
    complete: (promise) => Promise.resolve(promise),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
describeNetwork('NodeNetwork', open);
describeEnds('NodeNetwork', open);

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

test('an answer that stops in the midst of a whole body is late', async () => {
  const sockets: net.Socket[] = [];
  const server = net.createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const ask = { method: 'GET', path: '/', query: {}, headers: {}, body: new Uint8Array(0) };
  const [network, clock] = [new NodeNetwork(), new NodeClock()];
  const connection = await HttpConnection.connect({ network, clock, address });
  const late = [
    network.request(address, ask, { timeoutMs: 50 }),
    connection.send(ask, { timeoutMs: 50 }),
  ];
  for (const each of late) await expect(each).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  for (const socket of sockets) socket.destroy();
  server.close();
});

test('a dial waits for as long as it is told, also beyond what timers take', async () => {
  const clock = new NodeClock();
  const server = net.createServer((socket) => {
    socket.once('data', () => {
      clock.timer(20, () => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const network = new NodeNetwork();
  for (const timeoutMs of [2 ** 31, Infinity]) {
    const outcome = await new Promise((resolve) => {
      network.dial({ address, path: '/', headers: {}, timeoutMs }, (decided) => {
        resolve(decided);
        return undefined;
      });
    });
    expect(outcome).toMatchObject({ kind: 'refused', status: 400 });
  }
  server.close();
});
