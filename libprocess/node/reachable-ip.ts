import { networkInterfaces } from 'node:os';

/** A wildcard is no address to be reached by: then the first that is not of the loopback. */
export function reachableIp(ip: string): string {
  if (ip !== '0.0.0.0' && ip !== '::') return ip;
  const family = ip === '::' ? 'IPv6' : 'IPv4';
  const addresses = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outside = addresses.find((each) => !each.internal && each.family === family);
  return outside?.address ?? (family === 'IPv6' ? '::1' : '127.0.0.1');
}
