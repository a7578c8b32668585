import type { Logger } from '../logger.ts';
import type { Network } from '../network.ts';
import type { Runtime } from '../runtime.ts';
import { NodeClock } from './node-clock.ts';
import { NodeDisk } from './node-disk.ts';
import { NodeHost } from './node-host.ts';
import { NodeLogger } from './node-logger.ts';
import { NodeNetwork } from './node-network.ts';
import { NodeRandom } from './node-random.ts';
import { NodeSubprocesses } from './node-subprocesses.ts';

export interface NodeRuntimeOptions {
  /** Default: that of the operating system. */
  readonly network?: Network;
  /** Default: lines of JSON on standard error, from `info` up. */
  readonly logger?: Logger;
}

/** The real world, for one node. */
export function nodeRuntime({ network, logger }: NodeRuntimeOptions = {}): Runtime {
  return {
    clock: new NodeClock(),
    random: new NodeRandom(),
    network: network ?? new NodeNetwork(),
    disk: new NodeDisk(),
    subprocesses: new NodeSubprocesses(),
    host: new NodeHost(),
    logger: logger ?? NodeLogger.open(),
    schedule: (thunk) => void setImmediate(thunk),
  };
}
