import { ProtobufProcess, tell, type PID, type Process } from '../libprocess/index.ts';
import { bestSeconds, localNode, Token } from './local-actors.ts';
import { comparePeers } from './peers/compare.ts';
import type { Result } from './result.ts';

export const name = 'local/ping-pong';

const MESSAGES = 4_000_000;
/** Peers are slower: as much as takes about as long. */
const PEER_MESSAGES = 300_000;

/** Sends each token back until there have been enough. */
class PlayerProcess extends ProtobufProcess {
  #left = 0;
  #done: () => void = () => undefined;

  constructor(id: string) {
    super(id);
    this.install(Token, (from, token) => {
      this.#left -= 1;
      if (this.#left > 0) this.send(from, Token, token);
      else this.#done();
    });
  }

  /** Takes `count` tokens before it is done. */
  expect(count: number, done: () => void): void {
    this.#left = count;
    this.#done = done;
  }

  serve(to: PID<Process>): void {
    this.send(to, Token, { hops: 0 });
  }
}

/** Two actors, one message in flight. */
export async function run(): Promise<Result[]> {
  await using node = localNode();
  const [left, right] = ['left', 'right'].map((id) => node.spawn(new PlayerProcess(id)));
  if (!left || !right) return [];
  const seconds = await bestSeconds(
    () =>
      new Promise((done) => {
        tell(left, 'expect', MESSAGES / 2, done);
        tell(right, 'expect', MESSAGES, done);
        tell(left, 'serve', right);
      }),
  );
  const value = Math.round(MESSAGES / seconds);
  const params = { in_flight: 1 };
  const ours: Result = { name, params, metric: 'throughput', value, unit: 'msg/s' };
  const peers = await comparePeers(
    ours,
    PEER_MESSAGES,
    (peer) => () => peer.pingPong(PEER_MESSAGES),
  );
  return [ours, ...peers];
}
