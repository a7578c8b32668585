import { VERSION } from '../common/version.ts';
import type { MasterInfo } from '../proto/index.ts';

/** What this master says of itself to everybody. */
export function masterInfo(options: {
  /** A new one for each run of a master: ids of frameworks, agents and offers begin with it. */
  readonly id: string;
  /** Advertised `ip:port` of the node. */
  readonly address: string;
  readonly hostname: string | undefined;
}): MasterInfo {
  const { id, address } = options;
  const colon = address.lastIndexOf(':');
  const ip = address.slice(0, colon);
  const port = Number(address.slice(colon + 1));
  const hostname = options.hostname ?? ip;
  return {
    id,
    ip: ipv4Number(ip),
    port,
    pid: `master@${address}`,
    hostname,
    version: VERSION,
    address: { hostname, ip, port },
    capabilities: [{ type: 'AGENT_UPDATE' }, { type: 'AGENT_DRAINING' }, { type: 'QUOTA_V2' }],
  };
}

/** The four bytes of the address in network order, read as on the x86; 0 for an IPv6 address. */
function ipv4Number(ip: string): number {
  const bytes = ip.split('.').map(Number);
  if (bytes.length !== 4 || bytes.some(Number.isNaN)) return 0;
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}
