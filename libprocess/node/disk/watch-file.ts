import * as fs from 'node:fs';
import type { FileChange } from '../../disk.ts';
import { diskError } from '../system-errors.ts';

/**
 * Watches one file by inotify. What the kernel reports says little: it is the file itself, held open, that
 * tells a write from a change of its mode, and a removal from a new name.
 */
export function watchFile(path: string, listener: (change: FileChange) => void): Disposable {
  const what = `watch '${path}'`;
  const descriptor = opened(path, what);
  let before = fs.fstatSync(descriptor);
  if (before.isDirectory()) {
    fs.closeSync(descriptor);
    throw diskError(what, { code: 'EISDIR' });
  }
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    watcher.close();
    fs.closeSync(descriptor);
  };
  const tell = (change: FileChange): void => {
    if (change !== 'write') end();
    listener(change);
  };
  const watcher = watcherOf(path, what, descriptor);
  watcher.on('error', () => tell('remove'));
  watcher.on('change', (kind) => {
    if (over) return;
    const after = fs.fstatSync(descriptor);
    const attributesOnly = sameContents(before, after) && !sameAttributes(before, after);
    before = after;
    if (after.nlink === 0) tell('remove');
    else if (kind === 'rename') tell('rename');
    else if (!attributesOnly) tell('write');
  });
  return { [Symbol.dispose]: end };
}

function opened(path: string, what: string): number {
  try {
    return fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  } catch (cause) {
    throw diskError(what, cause);
  }
}

function watcherOf(path: string, what: string, descriptor: number): fs.FSWatcher {
  try {
    // Who only waits for a file to change has nothing else to do: that keeps no program running.
    return fs.watch(path, { persistent: false });
  } catch (cause) {
    fs.closeSync(descriptor);
    throw diskError(what, cause);
  }
}

const sameContents = (a: fs.Stats, b: fs.Stats): boolean =>
  a.size === b.size && a.mtimeMs === b.mtimeMs;

/** The clock of a file system is coarse: where nothing differs there may have been a write all the same. */
const sameAttributes = (a: fs.Stats, b: fs.Stats): boolean =>
  a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && a.nlink === b.nlink;
