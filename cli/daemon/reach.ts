import { createSocket } from 'node:dgram';
import type { Network } from '../../libprocess/index.ts';

const PROBE_MS = 2_000;
/** Any: nothing is sent. */
const SOME_PORT = 5050;

/** Tries to open a connection: resolves to why that fails, or to undefined. */
export function reach(network: Network, address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const done = (reason: string | undefined): void => {
      clearTimeout(timer);
      resolve(reason);
      connection.terminate();
    };
    const timer = setTimeout(() => done('it does not answer'), PROBE_MS);
    const connection = network.connect(address, {
      onOpen: () => done(undefined),
      onBytes: () => undefined,
      onClose: (reason) => {
        done(reason.includes('ECONNREFUSED') ? 'nothing listens there' : reason);
      },
    });
  });
}

/** Address of this machine on the way to `ip`: what a peer there can call back. */
export function localAddressTo(ip: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', reject);
    socket.connect(SOME_PORT, ip, () => {
      const { address } = socket.address();
      socket.close(() => resolve(address));
    });
  });
}
