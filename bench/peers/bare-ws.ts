import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { BODY_BYTES, Exchange, type RemotePeer } from './remote-peer.ts';

/** What our links are made of and nothing else: no actors, no codec, no batches. */
export function bareWsPeer(): RemotePeer {
  const manifest = createRequire(import.meta.url).resolve('ws/package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  return {
    name: `ws ${version}, bare echo`,
    async serve() {
      const server = new WebSocketServer({
        host: '127.0.0.1',
        port: 0,
        perMessageDeflate: false,
      });
      server.on('connection', (socket) => {
        socket.on('message', (data) => {
          socket.send(data);
        });
      });
      await once(server, 'listening');
      return `127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    async connect(address) {
      const socket = new WebSocket(`ws://${address}`, { perMessageDeflate: false });
      await once(socket, 'open');
      const body = new Uint8Array(BODY_BYTES);
      const exchange = new Exchange(() => {
        socket.send(body);
      });
      socket.on('message', exchange.answer);
      return exchange.client(async () => {
        socket.close();
        await once(socket, 'close');
      });
    },
  };
}
