import { canonicalIp, splitHostPort } from '../ip.ts';
import type { Headers } from '../network.ts';
import { UPID } from '../upid.ts';

/** Where nodes upgrade. A C++ peer has no such path and answers 404. */
export const LINK_PATH = '/libprocess';

const PROTOCOL = 'libprocess.1';
/** Longest incarnation that is read. */
const INCARNATION_LENGTH_MAX = 64;

/** What both ends of an upgrade say about themselves. */
export interface Hello {
  /** Advertised `ip:port`: a claim. */
  readonly address: string;
  /** Another one after each start of the node. */
  readonly incarnation: string;
  /**
   * In a request: the number of this dial; numbers of one incarnation only grow. In an answer: the
   * number of the answerer's latest dial, which is given up: one that arrives late is stale.
   */
  readonly dial: number;
}

export function helloHeaders({ address, incarnation, dial }: Hello): Headers {
  return {
    'libprocess-from': address,
    'libprocess-incarnation': incarnation,
    'libprocess-dial': String(dial),
  };
}

export function requestHeaders(hello: Hello): Headers {
  return { ...helloHeaders(hello), 'sec-websocket-protocol': PROTOCOL };
}

/** Undefined unless the peer is a node that speaks our protocol. */
export function readHello(headers: Headers): Hello | undefined {
  const address = headers['libprocess-from'] ?? '';
  const incarnation = headers['libprocess-incarnation'] ?? '';
  const dial = Number(headers['libprocess-dial']);
  if (!isAddress(address) || !Number.isSafeInteger(dial) || dial < 0) return undefined;
  if (incarnation === '' || incarnation.length > INCARNATION_LENGTH_MAX) return undefined;
  return { address, incarnation, dial };
}

export function speaksProtocol(headers: Headers): boolean {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',');
  return offered.some((protocol) => protocol.trim() === PROTOCOL);
}

export function isAddress(text: string): boolean {
  const upid = UPID.parse(`@${text}`);
  return upid !== undefined && upid.port > 0;
}

/** The IP of `ip:port`, without brackets, as it is compared. */
export function ipOf(address: string): string {
  const { host } = splitHostPort(address);
  return host.includes(':') ? (canonicalIp(host) ?? host) : host;
}
