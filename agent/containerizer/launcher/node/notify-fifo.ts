import { spawnSync } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { LaunchError } from '../errors.ts';
import { LineReader } from '../host/protocol.ts';

/**
 * The FIFO into which the wrappers of an agent write. It is open for reading and writing, so there
 * is never an end of file; it keeps what wrappers write while no agent is there, up to 64 KiB. The
 * event loop is told of each line: nobody polls.
 */
export class NotifyFifo implements Disposable {
  readonly #socket: Socket;

  constructor(path: string, line: (line: string) => void) {
    const descriptor = openFifo(path);
    this.#socket = new Socket({ fd: descriptor, readable: true, writable: false });
    const reader = new LineReader(line);
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => reader.push(text));
    this.#socket.on('error', () => undefined);
    this.#socket.unref();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

function openFifo(path: string): number {
  const flags = constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  const made = spawnSync('/usr/bin/mkfifo', ['-m', '600', '--', path], { encoding: 'utf8' });
  let descriptor: number;
  try {
    descriptor = openSync(path, flags);
  } catch (cause) {
    const why = made.stderr || String(made.error ?? cause);
    throw new LaunchError('FIFO', `Failed to open FIFO '${path}': ${why.trim()}`, cause);
  }
  if (fstatSync(descriptor).isFIFO()) return descriptor;
  closeSync(descriptor);
  throw new LaunchError('FIFO', `Failed to open FIFO '${path}': something else has its name`);
}
