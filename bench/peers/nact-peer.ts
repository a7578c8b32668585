import { load, PEER_VERSIONS } from './install.ts';
import type { Peer } from './peer.ts';

type Actor = object;
interface Nact {
  start(): Actor;
  stop(system: Actor): void;
  spawn<S, M>(
    parent: Actor,
    reduce: (state: S | undefined, message: M) => S | undefined,
    name: string,
  ): Actor;
  dispatch(actor: Actor, message: unknown): void;
}

export function nactPeer(): Peer {
  const nact = load('nact') as Nact;
  const inSystem = async (play: (system: Actor, done: () => void) => void): Promise<void> => {
    const system = nact.start();
    await new Promise<void>((done) => {
      play(system, done);
    });
    nact.stop(system);
  };
  return {
    name: `nact ${PEER_VERSIONS.nact}`,
    pingPong: (messages) =>
      inSystem((system, done) => {
        let left = messages;
        const player = (name: string): Actor =>
          nact.spawn<undefined, { from: Actor; to: Actor }>(
            system,
            (_state, { from, to }) => {
              if (--left > 0) nact.dispatch(from, { from: to, to: from });
              else done();
              return undefined;
            },
            name,
          );
        const [one, two] = [player('one'), player('two')];
        nact.dispatch(two, { from: one, to: two });
      }),
    ring: ({ actors, tokens, hops }) =>
      inSystem((system, done) => {
        let running = tokens;
        const ring: Actor[] = [];
        for (let i = 0; i < actors; i += 1) {
          const reduce = (_state: undefined, left: number): undefined => {
            if (left > 0) nact.dispatch(ring[(i + 1) % actors] ?? system, left - 1);
            else if (--running === 0) done();
            return undefined;
          };
          ring.push(nact.spawn(system, reduce, `ring${i}`));
        }
        for (let i = 0; i < actors; i += actors / tokens) {
          nact.dispatch(ring[i] ?? system, hops);
        }
      }),
  };
}
