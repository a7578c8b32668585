import * as fs from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { SMALL_BYTES_MAX, writeAll } from './node-disk-file.ts';

const { O_CREAT, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY } = fs.constants;

// Nobody who puts a FIFO in the place of a file makes us wait for its other end.
const READ = O_RDONLY | O_NONBLOCK;
const WRITE = O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK;

const room = new Uint8Array(SMALL_BYTES_MAX);

/** In this turn; undefined if there is more than is read in one. */
export function readNow(path: string): Uint8Array | undefined {
  const descriptor = fs.openSync(path, READ);
  try {
    let filled = 0;
    for (;;) {
      const count = fs.readSync(descriptor, room, filled, room.length - filled, null);
      filled += count;
      if (count === 0) return room.slice(0, filled);
      if (filled === room.length) return undefined;
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

/** In this turn. */
export function writeNow(path: string, bytes: Uint8Array, mode?: number): void {
  const descriptor = fs.openSync(path, WRITE, mode);
  try {
    if (isMasked(mode)) fs.fchmodSync(descriptor, mode);
    writeAll(descriptor, 0, bytes);
  } finally {
    fs.closeSync(descriptor);
  }
}

export async function readInPool(path: string): Promise<Uint8Array> {
  const buffer = await readFile(path, { flag: READ });
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

export async function writeInPool(path: string, bytes: Uint8Array, mode?: number): Promise<void> {
  await writeFile(path, bytes, { flag: WRITE, ...(mode !== undefined && { mode }) });
  if (isMasked(mode)) await chmod(path, mode);
}

/** Whether the umask may have taken something away: it is about what others are allowed to do. */
function isMasked(mode: number | undefined): mode is number {
  return mode !== undefined && (mode & 0o077) !== 0;
}
