import * as fs from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { DirectoryLockedError } from '../errors.ts';
import { attempt, codeOf, diskError } from './system-errors.ts';

/** Holds the pid of the last process that took the directory, for the message to the next. */
export const LOCK_FILE = '.lock';

/**
 * Takes a directory for this process. The lock is an abstract Unix socket named by the directory's
 * device and inode: the kernel grants the name to one holder, whatever path led there, and frees it
 * when the process ends, however it ends. It holds within one network namespace of one machine.
 */
export async function lockDirectory(path: string): Promise<AsyncDisposable> {
  const { dev, ino } = await attempt(`lock '${path}'`, () => fs.stat(path));
  const lockFile = join(path, LOCK_FILE);
  let server: Server;
  try {
    server = await listen(`\0mesos-ts/directory/${dev}/${ino}`);
  } catch (cause) {
    if (codeOf(cause) !== 'EADDRINUSE') throw diskError(`lock '${path}'`, cause);
    throw new DirectoryLockedError(
      'DIRECTORY_LOCKED',
      `Failed to lock '${path}': ${await holder(lockFile)} holds it`,
      cause,
    );
  }
  await attempt(`lock '${path}'`, () => fs.writeFile(lockFile, `${process.pid}\n`));
  return { [Symbol.asyncDispose]: () => release(server) };
}

function listen(name: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    // The lock must not keep a process alive that has nothing else to do.
    server.unref();
    server.listen(name, () => resolve(server));
  });
}

function release(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}

async function holder(lockFile: string): Promise<string> {
  try {
    const pid = (await fs.readFile(lockFile, 'utf8')).trim();
    return /^\d+$/.test(pid) ? `process ${pid}` : 'another process';
  } catch {
    return 'another process';
  }
}
