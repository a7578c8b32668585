import type { DecidedDial } from '../../libprocess/sim/network/network-fabric.ts';
import type { Simulation } from '../../libprocess/sim/simulation.ts';
import { readHello, type Hello } from '../../libprocess/transport/handshake.ts';
import type { History } from './history.ts';

const REFUSED = 409;

/** What one incarnation of a node has heard of the dials of others. */
interface Known {
  /** By incarnation of the dialer, the greatest number that it may know of. */
  readonly heard: Map<string, number>;
  /** The same, of dials that came here and were taken. */
  readonly taken: Map<string, number>;
}

/**
 * P2, P8: of the dials of one life of a node that arrive the last one counts, in whatever order they do. One that
 * was given up does not take the place of the connection after it, and none is refused as late because
 * of dials of a former life of its node.
 */
export function watchDials(sim: Simulation, history: History): void {
  const books = new Map<string, Known>();
  const of = (incarnation: string): Known => {
    let known = books.get(incarnation);
    if (!known) books.set(incarnation, (known = { heard: new Map(), taken: new Map() }));
    return known;
  };
  sim.network.onUpgrade = ({ asked, status, answered }: DecidedDial): void => {
    const dialer = readHello(asked);
    const acceptor = readHello(answered);
    if (!dialer || !acceptor) return; // A stranger.
    const known = of(acceptor.incarnation);
    const { heard, taken } = known;
    const lastTaken = taken.get(dialer.incarnation) ?? 0;
    const past = Math.max(heard.get(dialer.incarnation) ?? 0, lastTaken);
    // Of two dials that cross the lower address refuses the other.
    const crossing = acceptor.address < dialer.address;
    if (status === REFUSED && !crossing && dialer.dial > past)
      history.violated('P8', `${nameOf(dialer, acceptor)} is refused, and is the latest`);
    if (status === REFUSED) return;
    if (dialer.dial <= lastTaken)
      history.violated('P2', `${nameOf(dialer, acceptor)} is taken, and a later one was before`);
    taken.set(dialer.incarnation, dialer.dial);
    // The dialer hears, or not, how many dials of the acceptor are over.
    of(dialer.incarnation).heard.set(acceptor.incarnation, acceptor.dial);
  };
}

const nameOf = ({ address, dial }: Hello, acceptor: Hello): string =>
  `dial ${String(dial)} of '${address}' to '${acceptor.address}'`;
