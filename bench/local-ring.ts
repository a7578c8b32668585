import { ProtobufProcess, tell, type PID } from '../libprocess/index.ts';
import { bestSeconds, localNode, Token } from './local-actors.ts';
import { comparePeers } from './peers/compare.ts';
import type { Result } from './result.ts';

export const name = 'local/ring';

const ACTORS = 10_000;
const TOKENS = 1_000;
const HOPS = 4_000;
/** Peers are slower: as many as take about as long. */
const PEER_HOPS = 200;

/** Passes each token on to its neighbour, with one hop less. */
class RingProcess extends ProtobufProcess {
  #next: PID<RingProcess> | undefined;
  #ended: () => void = () => undefined;

  constructor(id: string) {
    super(id);
    this.install(Token, (_from, { hops }) => {
      if (hops === 0) this.#ended();
      else this.pass(hops - 1);
    });
  }

  join(next: PID<RingProcess>): void {
    this.#next = next;
  }

  onEnd(ended: () => void): void {
    this.#ended = ended;
  }

  pass(hops: number): void {
    if (this.#next) this.send(this.#next, Token, { hops });
  }
}

/** Many actors in a circle; tokens start evenly spread and each goes the same way. */
export async function run(): Promise<Result[]> {
  await using node = localNode();
  const ring = Array.from({ length: ACTORS }, (_, i) => node.spawn(new RingProcess(`ring(${i})`)));
  for (const [i, pid] of ring.entries()) tell(pid, 'join', ring[(i + 1) % ACTORS] ?? pid);
  const seconds = await bestSeconds(
    () =>
      new Promise((done) => {
        let running = TOKENS;
        const ended = (): void => {
          if (--running === 0) done();
        };
        for (const pid of ring) tell(pid, 'onEnd', ended);
        for (let i = 0; i < ACTORS; i += ACTORS / TOKENS) {
          const pid = ring[i];
          if (pid) tell(pid, 'pass', HOPS);
        }
      }),
  );
  const value = Math.round((TOKENS * HOPS) / seconds);
  const params = { actors: ACTORS, tokens: TOKENS };
  const ours: Result = { name, params, metric: 'throughput', value, unit: 'msg/s' };
  const options = { actors: ACTORS, tokens: TOKENS, hops: PEER_HOPS };
  const peers = await comparePeers(ours, TOKENS * PEER_HOPS, (peer) =>
    peer.ring ? () => peer.ring?.(options) ?? Promise.resolve() : undefined,
  );
  return [ours, ...peers];
}
