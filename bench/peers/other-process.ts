import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { bareWsPeer } from './bare-ws.ts';
import { remoteComedyPeer } from './comedy-peer.ts';
import { grpcPeer } from './grpc-peer.ts';
import { installPeers } from './install.ts';
import { libprocessPeer } from './libprocess-peer.ts';
import { remoteMoleculerPeer } from './moleculer-peer.ts';
import { remoteEffectPeer } from './remote-effect-peer.ts';
import type { RemotePeer } from './remote-peer.ts';

/** Ways between two processes, by the name that the other process is given. */
const REMOTE_PEERS: Readonly<Record<string, () => RemotePeer>> = {
  libprocess: libprocessPeer,
  ws: bareWsPeer,
  'grpc stream': () => grpcPeer('stream'),
  'grpc unary': () => grpcPeer('unary'),
  moleculer: remoteMoleculerPeer,
  comedy: remoteComedyPeer,
  effect: remoteEffectPeer,
};
/** Ours once more, secured: not beside others, which are not. */
export const SECURE = 'libprocess, TLS';
/** Those that need nothing to be installed. */
const OWN = new Set(['libprocess', 'ws']);

/** Of `REMOTE_PEERS`, those that are there; installs them first. */
export function remotePeers(): [kind: string, peer: RemotePeer][] {
  const installed = installPeers();
  return Object.entries(REMOTE_PEERS)
    .filter(([kind]) => installed || OWN.has(kind))
    .map(([kind, open]) => [kind, open()]);
}

/** Starts the answering side as a process of its own; its address. */
export async function inOtherProcess(peer: string): Promise<{ address: string } & AsyncDisposable> {
  const child = fork(fileURLToPath(import.meta.url), [SERVE, peer], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ address }] = (await once(child, 'message')) as [{ address: string }];
  return {
    address,
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

const SERVE = '--serve';

/** This file is also what the other process runs. */
if (process.argv[2] === SERVE) {
  const kind = process.argv[3] ?? '';
  const peer = kind === SECURE ? libprocessPeer(1, { secure: true }) : REMOTE_PEERS[kind]?.();
  const address = await peer?.serve();
  process.send?.({ address });
  process.once('disconnect', () => {
    process.exit(0);
  });
}
