import * as fs from 'node:fs';

/** What is removed in one turn; the thread pool needs a trip for each entry. */
const ENTRIES_MAX = 32;
/** A directory of one block, on ext4 and its like: a few hundred names at most. */
const DIRECTORY_BYTES_MAX = 4_096;

/**
 * The entries of a directory; undefined if there are more than are read in one turn. Its size tells
 * before it is opened: two calls, a third of what a handle costs that counts as it reads.
 */
export function readFew(path: string): fs.Dirent[] | undefined {
  if (fs.statSync(path).size > DIRECTORY_BYTES_MAX) return undefined;
  return fs.readdirSync(path, { withFileTypes: true });
}

/** True if nothing is left; false if there is more than is removed in one turn. */
export function removeSmall(path: string): boolean {
  const status = fs.lstatSync(path, { throwIfNoEntry: false });
  if (!status) return true;
  const entries = status.isDirectory() ? readFew(path) : undefined;
  if (!entries || entries.length > ENTRIES_MAX) return false;
  if (entries.some((entry) => entry.isDirectory())) return false;
  for (const { name } of entries) fs.rmSync(`${path}/${name}`, { force: true });
  try {
    fs.rmdirSync(path);
    return true;
  } catch {
    return false; // Somebody is at it too.
  }
}
