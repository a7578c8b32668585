/**
 * A literal IP address in the one spelling that is compared: without brackets, IPv6 compressed and
 * in lower case, IPv4 also where it comes mapped into IPv6. Undefined if the text is none.
 */
export function canonicalIp(text: string): string | undefined {
  if (!text.includes(':')) return isIPv4(text) ? text : undefined;
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (bare.length > IPV6_LENGTH_MAX || !/^[0-9a-fA-F:.]+$/.test(bare)) return undefined;
  if (!URL.canParse(`http://[${bare}]`)) return undefined;
  const ip = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(ip);
  if (!mapped) return ip;
  const [high, low] = [mapped[1], mapped[2]].map((group = '') => Number.parseInt(group, 16));
  return [high, low].flatMap((group = 0) => [group >> 8, group & 0xff]).join('.');
}

const IPV6_LENGTH_MAX = 45;
const LINK_LOCAL = 'fe80:';
const IPV4 = /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/;

const isIPv4 = (text: string): boolean =>
  IPV4.test(text) && text.split('.').every((octet) => Number(octet) <= 255);

/** The eight groups of an IPv6 address in the spelling of `canonicalIp`, without leading zeros. */
export function ipv6Groups(canonical: string): readonly string[] {
  const [head = '', tail = ''] = canonical.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after];
}

/**
 * By what the clients of one party are counted: an IPv4 address or the first half of an IPv6 address, as whoever has
 * one of a network of 64 bits has them all (RFC 7421). Machines on one wire are told apart by the other half.
 */
export function clientNetwork(ip: string): string {
  const [bare = ''] = ip.split('%');
  const canonical = canonicalIp(bare) ?? bare;
  if (!canonical.includes(':') || canonical.startsWith(LINK_LOCAL)) return canonical;
  return `${ipv6Groups(canonical).slice(0, 4).join(':')}::/64`;
}

/** `ip:port`, with an IPv6 address in brackets. */
export const hostPort = (ip: string, port: number): string =>
  `${ip.includes(':') ? `[${ip}]` : ip}:${port}`;

/** The parts of `ip:port` or `name:port`; an IPv6 address without its brackets. */
export function splitHostPort(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':');
  return {
    host: address.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(colon + 1)),
  };
}

export const isLoopback = (ip: string): boolean => ip.startsWith('127.') || ip === '::1';
