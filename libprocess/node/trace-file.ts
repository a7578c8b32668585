import { closeSync, openSync, writeSync } from 'node:fs';
import type { Millis } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { NodeObserver } from '../node-observer.ts';
import { traceObserver } from '../trace-observer.ts';
import { NodeHost } from './node-host.ts';
import { codeOf, diskError, reasonOf } from './system-errors.ts';

/** Bodies may hold secrets, such as the environment of tasks. */
const OWNER_ONLY = 0o600;
const NS_PER_MS = 1e6;

/**
 * A file to which the nodes of this process append what they say and are told, a `TraceLine` each. Every
 * line is written at once, so that `kill -9` loses none; that makes a node slower. If the disk fails, the
 * trace ends with a warning and the program goes on.
 */
export class TraceFile {
  readonly #path: string;
  readonly #logger: Logger;
  #file: number | undefined;

  /** Throws `DiskError` if `path` cannot be opened; what is there already is kept. */
  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
    try {
      this.#file = openSync(path, 'a', OWNER_ONLY);
    } catch (error) {
      throw diskError(`open the trace '${path}'`, error);
    }
  }

  /** What sees all that the node at `address` does from now on. */
  observe(address: string): NodeObserver {
    return traceObserver({
      address,
      pid: process.pid,
      boot: new NodeHost().bootId,
      nowMs: monotonicMs,
      write: (line) => {
        this.#write(line);
      },
    });
  }

  #write(line: object): void {
    if (this.#file === undefined) return;
    try {
      writeSync(this.#file, `${JSON.stringify(line)}\n`);
    } catch (error) {
      this.#logger.warn('The trace ends here', {
        path: this.#path,
        error: reasonOf(codeOf(error)),
      });
      closeSync(this.#file);
      this.#file = undefined;
    }
  }
}

/** Since the host booted, the same in all its processes. */
const monotonicMs = (): Millis => Number(process.hrtime.bigint()) / NS_PER_MS;
