import type { AddressInfo, Server } from 'node:net';
import { load, PEER_VERSIONS } from './install.ts';
import type { Peer } from './peer.ts';
import { BODY_BYTES, Exchange, type RemotePeer } from './remote-peer.ts';

interface Actor {
  createChild(definition: object, options?: object): Promise<Actor>;
  send(topic: string, message: unknown): Promise<void>;
  sendAndReceive(topic: string, message: unknown): Promise<unknown>;
}
interface System {
  /** There once it listens. */
  readonly server: Server;
  listen(port: number, host: string): Promise<void>;
  rootActor(): Promise<Actor>;
  destroy(): Promise<void>;
}
interface Comedy {
  createSystem(options: object): System;
}

const SILENT = { error() {}, warn() {}, info() {}, debug() {}, isSilly: () => false };

const name = `comedy ${PEER_VERSIONS.comedy}`;

const openSystem = (): System =>
  (load('comedy') as Comedy).createSystem({ log: SILENT, test: true });

export function comedyPeer(): Peer {
  const inSystem = async (
    play: (root: Actor, done: () => void) => Promise<void>,
  ): Promise<void> => {
    const system = openSystem();
    const root = await system.rootActor();
    await new Promise<void>((done, failed) => {
      play(root, done).catch(failed);
    });
    await system.destroy();
  };
  return {
    name,
    pingPong: (messages) =>
      inSystem(async (root, done) => {
        let left = messages;
        const players: Actor[] = [];
        for (const other of [1, 0]) {
          const hit = (): void => {
            if (--left > 0) void players[other]?.send('hit', 0);
            else done();
          };
          players.push(await root.createChild({ hit }));
        }
        await players[0]?.send('hit', 0);
      }),
    ring: ({ actors, tokens, hops }) =>
      inSystem(async (root, done) => {
        let running = tokens;
        const ring: Actor[] = [];
        for (let i = 0; i < actors; i += 1) {
          const pass = (left: number): void => {
            if (left > 0) void ring[(i + 1) % actors]?.send('pass', left - 1);
            else if (--running === 0) done();
          };
          ring.push(await root.createChild({ pass }));
        }
        for (let i = 0; i < actors; i += actors / tokens) void ring[i]?.send('pass', hops);
      }),
  };
}

/** An actor in its mode `remote`: the other process starts one more for it. Messages are JSON over TCP. */
export function remoteComedyPeer(): RemotePeer {
  return {
    name: `${name}, remote`,
    async serve() {
      const system = openSystem();
      await system.listen(0, HOST);
      return `${HOST}:${(system.server.address() as AddressInfo).port}`;
    },
    async connect(address) {
      const system = openSystem();
      const root = await system.rootActor();
      const port = Number(address.split(':')[1]);
      const echo = await root.createChild(
        { echo: (message: unknown) => message },
        { mode: 'remote', host: HOST, port },
      );
      const message = { body: 'x'.repeat(BODY_BYTES) };
      const exchange = new Exchange(
        () => void echo.sendAndReceive('echo', message).then(exchange.answer),
      );
      return exchange.client(() => system.destroy());
    },
  };
}

const HOST = '127.0.0.1';
