import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';
import type { Host } from './host.ts';
import type { Sockets } from './io/sockets.ts';
import type { Logger } from './logger.ts';
import type { Network } from './network.ts';
import type { NodeObserver } from './node-observer.ts';
import type { Profiler } from './observe/profiler.ts';
import type { Random } from './random.ts';
import type { Subprocesses } from './subprocess.ts';
import type { Tracer } from './tracing/tracer.ts';

/**
 * The world as one node sees it. Product code reaches clock, network, disk and the rest through
 * here only, so that a whole cluster can run in one thread from one seed. A runtime belongs to one
 * incarnation of a node: after a simulated crash its calls do nothing and its promises never settle.
 */
export interface Runtime {
  readonly clock: Clock;
  /** Of connections; default: `clock`. Where tests stop the time of processes, sockets live on. */
  readonly wireClock?: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly sockets: Sockets;
  readonly disk: Disk;
  readonly subprocesses: Subprocesses;
  readonly host: Host;
  readonly logger: Logger;
  readonly profiler: Profiler;
  /** Runs `thunk` in a later turn of the event loop, after ready I/O has been served. */
  schedule(thunk: () => void): void;
  /** What `onFatal` of a node is that was given none. Simulated worlds stop: a test must hear of it. */
  readonly onFatal?: (error: unknown) => void;
  /** How many messages a node handles before it serves I/O and timers again; absent: as it likes. */
  readonly sliceMessages?: () => number | undefined;
  /** Takes the spans of what happens; absent unless an SDK for traces is registered. */
  readonly tracer?: Tracer;
  /** Who sees what the node at `address` does, which begins now; absent if nobody does. */
  readonly observe?: (address: string) => NodeObserver | undefined;
}
