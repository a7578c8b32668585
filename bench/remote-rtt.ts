import { DisposerStack } from '../libprocess/index.ts';
import { inOtherProcess, remotePeers } from './peers/other-process.ts';
import type { Result } from './result.ts';

export const name = 'remote/rtt';

const ROUNDS = 10;
const ROUND_TRIPS = 2_000;
/** Not counted, in all of the first rounds together. */
const WARM_UP_ROUNDS = 2;

/**
 * One message at a time between two processes over loopback, and its answer. Rounds of all take
 * turns, so that whatever else the machine does falls on each alike.
 */
export async function run(): Promise<Result[]> {
  await using stack = new DisposerStack();
  const clients = [];
  for (const [kind, peer] of remotePeers()) {
    const other = stack.use(await inOtherProcess(kind));
    const client = stack.use(await peer.connect(other.address));
    clients.push({ peer: peer.name, client, spans: [] as number[] });
  }
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    for (const { client, spans } of clients) {
      let since = performance.now();
      const answered = (): void => {
        const now = performance.now();
        if (round >= WARM_UP_ROUNDS) spans.push(now - since);
        since = now;
      };
      await client.exchange({ count: ROUND_TRIPS, inFlight: 1, answered });
    }
  }
  return clients.flatMap(({ peer, spans }, index) => {
    spans.sort((a, b) => a - b);
    const at = (part: number): number =>
      Math.round(1_000 * (spans[Math.floor(part * spans.length)] ?? 0));
    return [0.5, 0.99].map((part) => ({
      name,
      params: { round_trips: spans.length },
      metric: `p${100 * part}`,
      value: at(part),
      unit: 'us',
      ...(index > 0 && { peer }),
    }));
  });
}
