import { load, PEER_VERSIONS } from './install.ts';
import type { Peer } from './peer.ts';

type Eff = object;
interface Effect {
  readonly Effect: {
    gen(body: () => Generator<Eff, unknown, never>): Eff;
    forkChild(effect: Eff): Eff;
    runPromise(effect: Eff): Promise<unknown>;
  };
  readonly Queue: {
    unbounded(): Eff;
    take(queue: object): Eff;
    offer(queue: object, value: number): Eff;
  };
  readonly Fiber: { join(fiber: object): Eff };
}

/** Its actors are fibers, each with a queue. */
export function effectPeer(): Peer {
  const { Effect, Queue, Fiber } = load('effect') as Effect;
  return {
    name: `effect ${PEER_VERSIONS.effect}`,
    async pingPong(messages) {
      const player = (from: object, to: object): Eff =>
        Effect.gen(function* () {
          for (let played = 0; played < messages / 2; played += 1) {
            yield Queue.take(from);
            yield Queue.offer(to, played);
          }
        });
      await Effect.runPromise(
        Effect.gen(function* () {
          const one: object = yield Queue.unbounded();
          const two: object = yield Queue.unbounded();
          const fibers: object[] = [
            yield Effect.forkChild(player(one, two)),
            yield Effect.forkChild(player(two, one)),
          ];
          yield Queue.offer(one, 0);
          for (const fiber of fibers) yield Fiber.join(fiber);
        }),
      );
    },
  };
}
