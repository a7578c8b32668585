import { dispatch, UPID } from '../../libprocess/index.ts';
import { CallerProcess, EchoProcess, openNode } from '../remote-actors.ts';
import type { RemotePeer } from './remote-peer.ts';

/** Actors of either process that take part in an exchange, and share its messages. */
export const ACTORS_MAX = 16;

/** Ours: encoded, routed, decoded and handled in mailboxes on both sides. */
export function libprocessPeer(actors = 1, { secure = false } = {}): RemotePeer {
  return {
    name: secure ? 'libprocess, TLS' : 'libprocess',
    async serve() {
      const node = await openNode({ secure });
      for (let ordinal = 1; ordinal <= ACTORS_MAX; ordinal += 1) {
        node.spawn(new EchoProcess(`echo(${ordinal})`));
      }
      return node.address;
    },
    async connect(address) {
      const node = await openNode({ secure });
      const callers = Array.from({ length: actors }, (_, index) =>
        node.spawn(
          new CallerProcess(node.generateId('caller'), new UPID(`echo(${index + 1})`, address)),
        ),
      );
      return {
        exchange: async ({ count, inFlight, answered }) => {
          const share = { count: count / actors, inFlight: inFlight / actors, answered };
          await Promise.all(callers.map((caller) => dispatch(caller, 'exchange', share)));
        },
        [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
      };
    },
  };
}
