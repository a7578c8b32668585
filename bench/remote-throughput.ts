import { DisposerStack } from '../libprocess/index.ts';
import { bestSeconds } from './local-actors.ts';
import { libprocessPeer } from './peers/libprocess-peer.ts';
import { inOtherProcess, remotePeers } from './peers/other-process.ts';
import type { Result } from './result.ts';

export const name = 'remote/throughput';

const MESSAGES = 400_000;
const IN_FLIGHT = 4_096;

/** Peers are slower: as many as take about as long, and as much at a time as does them good. */
const PEER_MESSAGES = 20_000;
const PEER_IN_FLIGHT = 64;

/** Two processes over loopback; each message is encoded, routed, decoded and answered. */
export async function run(): Promise<Result[]> {
  await using stack = new DisposerStack();
  const other = stack.use(await inOtherProcess('libprocess'));
  const results: Result[] = [];
  for (const actors of [1, 16]) {
    const client = stack.use(await libprocessPeer(actors).connect(other.address));
    const seconds = await bestSeconds(() =>
      client.exchange({ count: MESSAGES, inFlight: IN_FLIGHT }),
    );
    const params = { actors, in_flight: IN_FLIGHT };
    const value = Math.round((2 * MESSAGES) / seconds);
    results.push({ name, params, metric: 'two-way', value, unit: 'msg/s' });
  }
  for (const [kind, peer] of remotePeers().slice(1)) {
    const answering = stack.use(await inOtherProcess(kind));
    const client = stack.use(await peer.connect(answering.address));
    const seconds = await bestSeconds(() =>
      client.exchange({ count: PEER_MESSAGES, inFlight: PEER_IN_FLIGHT }),
    );
    const value = Math.round((2 * PEER_MESSAGES) / seconds);
    const [ours] = results;
    if (ours) results.push({ ...ours, value, peer: `${peer.name}, ${PEER_IN_FLIGHT} in flight` });
  }
  return results;
}
