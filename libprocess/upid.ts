import { canonicalIp, hostPort } from './ip.ts';

/**
 * The address of an actor: `id@ip:port`. `ip:port` is the advertised address of its node; an IPv6
 * address stands in brackets. Immutable; equal UPIDs have equal texts.
 */
export class UPID {
  readonly id: string;
  /** `ip:port` of the node. */
  readonly address: string;

  constructor(id: string, address: string) {
    this.id = id;
    this.address = address;
  }

  /** Undefined unless `text` is `id@ip:port` with a literal IP address and a port of 0 to 65535. */
  static parse(text: string): UPID | undefined {
    const at = text.lastIndexOf('@');
    if (at < 0 || text.length > UPID_LENGTH_MAX) return undefined;
    const address = text.slice(at + 1);
    const [, host = '', digits] = ADDRESS.exec(address) ?? [];
    const port = Number(digits);
    if (host === '' || port > 65_535) return undefined;
    if (host.startsWith('[')) {
      const ip = canonicalIp(host);
      return ip === undefined ? undefined : new UPID(text.slice(0, at), hostPort(ip, port));
    }
    if (host.split('.').some((octet) => Number(octet) > 255)) return undefined;
    return new UPID(text.slice(0, at), address);
  }

  get ip(): string {
    return this.address.slice(0, this.address.lastIndexOf(':'));
  }

  get port(): number {
    return Number(this.address.slice(this.address.lastIndexOf(':') + 1));
  }

  equals(other: UPID): boolean {
    return this.id === other.id && this.address === other.address;
  }

  toString(): string {
    return `${this.id}@${this.address}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Longest text that is read as a UPID. */
const UPID_LENGTH_MAX = 4_096;

const ADDRESS =
  /^((?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}|\[[0-9a-fA-F:.]{2,45}\]):(0|[1-9]\d{0,4})$/;

/** What libprocess prints for "no actor". */
export const NULL_UPID = new UPID('', '0.0.0.0:0');
