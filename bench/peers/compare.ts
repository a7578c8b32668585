import { bestSeconds } from '../local-actors.ts';
import type { Result } from '../result.ts';
import { comedyPeer } from './comedy-peer.ts';
import { effectPeer } from './effect-peer.ts';
import { installPeers } from './install.ts';
import { moleculerPeer } from './moleculer-peer.ts';
import { nactPeer } from './nact-peer.ts';
import type { Peer } from './peer.ts';
import { xstatePeer } from './xstate-peer.ts';

/** The same figure of each peer: `play` answers undefined for one that cannot. */
export async function comparePeers(
  ours: Result,
  messages: number,
  play: (peer: Peer) => (() => Promise<void>) | undefined,
): Promise<Result[]> {
  if (!installPeers()) return [];
  const results: Result[] = [];
  for (const open of [nactPeer, comedyPeer, xstatePeer, moleculerPeer, effectPeer]) {
    const peer = open();
    const work = play(peer);
    if (!work) continue;
    const seconds = await bestSeconds(work);
    results.push({ ...ours, value: Math.round(messages / seconds), peer: peer.name });
  }
  return results;
}
