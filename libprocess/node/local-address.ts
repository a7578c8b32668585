import { createSocket } from 'node:dgram';
import { networkError } from './network-error.ts';

/** Asked for nothing: the system chooses a route to the address, whatever the port. */
const ANY_PORT = 9;

/**
 * The address of this machine from which it reaches another one, by the routes of the system. Sends
 * nothing. Fails with `NetworkError` if there is no route.
 */
export async function localAddressTowards(ip: string): Promise<string> {
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject).once('connect', resolve);
      socket.connect(ANY_PORT, ip);
    });
    return socket.address().address;
  } catch (cause) {
    throw networkError(`Failed to find a way to ${ip}`, cause);
  } finally {
    socket.close();
  }
}
