import { UNIX_PATH_BYTES_MAX, type SocketAddress } from './sockets.ts';

/** `ip:port`, an IPv6 address in brackets, or the path. */
export function printed(address: SocketAddress): string {
  if (address.path !== undefined) return address.path;
  return `${address.ip.includes(':') ? `[${address.ip}]` : address.ip}:${address.port}`;
}

/** Why nobody could have such an address; undefined if there is nothing wrong with it. */
export function malformedAddress(address: SocketAddress): string | undefined {
  if (address.path !== undefined) {
    const { path } = address;
    if (!path.startsWith('/') || path.includes('\0')) return 'the path is not absolute';
    const { length } = new TextEncoder().encode(path);
    return length > UNIX_PATH_BYTES_MAX
      ? `the path is above ${UNIX_PATH_BYTES_MAX} bytes`
      : undefined;
  }
  const { ip, port } = address;
  if (!isIp(ip)) return 'no IP address: names are for others to look up';
  return Number.isInteger(port) && port >= 0 && port <= 65_535 ? undefined : 'no port';
}

function isIp(text: string): boolean {
  const octets = text.split('.');
  if (octets.length === 4)
    return octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255);
  return text.includes(':') && /^[0-9a-fA-F:.]{2,45}$/.test(text);
}
