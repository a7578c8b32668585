import { OptionReader, type Environment } from './option-reader.ts';

/** What the environment says of a node; undefined where it says nothing. */
export interface NodeOptions {
  readonly ip: string | undefined;
  readonly ip6: string | undefined;
  readonly port: number | undefined;
  readonly advertiseIp: string | undefined;
  readonly advertisePort: number | undefined;
  readonly requirePeerAddressIpMatch: boolean | undefined;
  /** Names, in lower case, by which clients may call the node, too; `*` is any. */
  readonly httpHosts: readonly string[] | undefined;
}

/** Reads `LIBPROCESS_IP` and its like, as libprocess does. Fails with `OptionError`. */
export function readNodeOptions(environment: Environment): NodeOptions {
  const read = new OptionReader(environment, 'LIBPROCESS_');
  return {
    ip: read.ip('ip', 'IPv4 or IPv6'),
    ip6: read.ip('ip6', 'IPv6'),
    port: read.port('port', 0),
    advertiseIp: read.ip('advertise_ip', 'IPv4 or IPv6'),
    advertisePort: read.port('advertise_port', 1),
    requirePeerAddressIpMatch: read.flag('require_peer_address_ip_match'),
    httpHosts: hosts(read),
  };
}

const HOST = /^([\w.-]{1,253}|\*)$/;

function hosts(read: OptionReader): readonly string[] | undefined {
  const names = read.text('http_hosts')?.split(',');
  const trimmed = names?.map((name) => name.trim().toLowerCase());
  if (trimmed?.every((name) => HOST.test(name)) !== false) return trimmed;
  throw read.wrong('http_hosts', 'names of hosts without ports, with commas between, or *');
}
