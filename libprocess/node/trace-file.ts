import { closeSync, openSync, writeSync } from 'node:fs';
import type { Millis } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { Message } from '../message.ts';
import type { NodeObserver } from '../node-observer.ts';
import type { UPID } from '../upid.ts';
import type { TraceKind, TraceLine } from '../trace-line.ts';
import { NodeHost } from './node-host.ts';
import { codeOf, diskError, reasonOf } from './system-errors.ts';

/** Bodies may hold secrets, such as the environment of tasks. */
const OWNER_ONLY = 0o600;
const NS_PER_MS = 1e6;

type Details<K extends TraceKind> = Omit<Extract<TraceLine, { kind: K }>, 'at' | 'node' | 'kind'>;

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
    const write = <K extends TraceKind>(kind: K, details: Details<K>): void => {
      this.#write({ at: monotonicMs(), node: address, kind, ...details });
    };
    write('begun', { pid: process.pid, boot: new NodeHost().bootId });
    const message =
      (kind: 'sent' | 'delivered' | 'undelivered') =>
      ({ name, from, to, bytes }: Message) => {
        const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        write(kind, {
          from: from.toString(),
          to: to.toString(),
          name,
          body: body.toString('base64'),
        });
      };
    const life = (kind: 'spawned' | 'ended') => (pid: UPID) => {
      write(kind, { process: pid.toString() });
    };
    return {
      spawned: life('spawned'),
      ended: life('ended'),
      sent: message('sent'),
      delivered: message('delivered'),
      undelivered: message('undelivered'),
      linked: (linker, to, mode) =>
        write('linked', { linker: linker.toString(), to: to.toString(), mode }),
      exited: (linker, of) => write('exited', { linker: linker.toString(), of: of.toString() }),
      lost: (lost) => write('lost', { address: lost }),
    };
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
