import { UNFINISHED_BYTES_MAX, UNFINISHED_BYTES_PER_IP_MAX } from '../../transport/limits.ts';
import { IpTally } from '../ip-tally.ts';

/** What all connections of a network hold of messages that are not whole, together and by the IP of the peer. */
export class UnfinishedFrames {
  readonly #byIp = new IpTally();
  #bytes = 0;

  /** Notes that a connection from `ip` holds so much more, or less. Undefined, or which limit that is above. */
  change(ip: string, bytes: number): string | undefined {
    const ofIp = this.#byIp.add(ip, bytes);
    this.#bytes += bytes;
    if (bytes <= 0) return undefined;
    if (ofIp > UNFINISHED_BYTES_PER_IP_MAX)
      return 'more of unfinished frames is held for its IP than the limit';
    return this.#bytes > UNFINISHED_BYTES_MAX
      ? 'more of unfinished frames is held than the limit'
      : undefined;
  }
}
