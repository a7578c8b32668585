import { createSocket } from 'node:dgram';
import { connect } from 'node:net';

const PROBE_MS = 2_000;
/** Any: nothing is sent. */
const SOME_PORT = 5050;

/** Tries to open a connection: resolves to why that fails, or to undefined. */
export function reach(address: string): Promise<string | undefined> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(address.slice(colon + 1)) });
    const done = (reason: string | undefined): void => {
      socket.destroy();
      resolve(reason);
    };
    socket.setTimeout(PROBE_MS, () => done('it does not answer'));
    socket.once('connect', () => done(undefined));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      done(error.code === 'ECONNREFUSED' ? 'nothing listens there' : error.message);
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
