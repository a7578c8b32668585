import { load, PEER_VERSIONS } from './install.ts';
import type { Peer } from './peer.ts';

interface Actor {
  start(): Actor;
  stop(): Actor;
  send(event: { readonly type: string }): void;
}
interface XState {
  readonly createActor: (logic: object) => Actor;
  readonly fromTransition: <S>(transition: (state: S, event: object) => S, initial: S) => object;
}

/**
 * Its actors run within the `send` of whoever sends, unless they are at it already: a circle of ten
 * thousand overflows the stack, so there is no ring.
 */
export function xstatePeer(): Peer {
  const { createActor, fromTransition } = load('xstate') as XState;
  return {
    name: `xstate ${PEER_VERSIONS.xstate}`,
    pingPong: async (messages) => {
      let left = messages;
      const players: Actor[] = [];
      for (const other of [1, 0]) {
        const logic = fromTransition((state) => {
          if (--left > 0) players[other]?.send({ type: 'hit' });
          return state;
        }, 0);
        players.push(createActor(logic).start());
      }
      players[0]?.send({ type: 'hit' });
      if (left > 0) throw new Error(`xstate left ${left} messages`);
      for (const player of players) player.stop();
    },
  };
}
