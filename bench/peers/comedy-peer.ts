import { load, PEER_VERSIONS } from './install.ts';
import type { Peer } from './peer.ts';

interface Actor {
  createChild(definition: object): Promise<Actor>;
  send(topic: string, message: unknown): Promise<void>;
}
interface System {
  rootActor(): Promise<Actor>;
  destroy(): Promise<void>;
}
interface Comedy {
  createSystem(options: object): System;
}

const SILENT = { error() {}, warn() {}, info() {}, debug() {}, isSilly: () => false };

export function comedyPeer(): Peer {
  const comedy = load('comedy') as Comedy;
  const inSystem = async (
    play: (root: Actor, done: () => void) => Promise<void>,
  ): Promise<void> => {
    const system = comedy.createSystem({ log: SILENT, test: true });
    const root = await system.rootActor();
    await new Promise<void>((done, failed) => {
      play(root, done).catch(failed);
    });
    await system.destroy();
  };
  return {
    name: `comedy ${PEER_VERSIONS.comedy}`,
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
