import * as fs from 'node:fs';

/** What is read or removed in one turn; the thread pool needs a trip for each entry. */
const ENTRIES_MAX = 32;

/** The entries of a directory; undefined if there are more than are read in one turn. */
export function readFew(path: string): fs.Dirent[] | undefined {
  const directory = fs.opendirSync(path, { bufferSize: ENTRIES_MAX });
  try {
    const entries: fs.Dirent[] = [];
    for (let entry = directory.readSync(); entry; entry = directory.readSync()) {
      if (entries.push(entry) > ENTRIES_MAX) return undefined;
    }
    return entries;
  } finally {
    directory.closeSync();
  }
}

/** True if nothing is left; false if there is more than is removed in one turn. */
export function removeSmall(path: string): boolean {
  const status = fs.lstatSync(path, { throwIfNoEntry: false });
  if (!status) return true;
  const entries = status.isDirectory() ? readFew(path) : undefined;
  if (!entries || entries.some((entry) => entry.isDirectory())) return false;
  for (const { name } of entries) fs.rmSync(`${path}/${name}`, { force: true });
  try {
    fs.rmdirSync(path);
    return true;
  } catch {
    return false; // Somebody is at it too.
  }
}
