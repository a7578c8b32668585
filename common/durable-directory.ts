import type { Disk } from '../libprocess/disk.ts';
import { DiskError } from '../libprocess/errors.ts';

/** Creates the directory and its missing parents so that a power cut does not take their names. */
export async function makeDurableDirectory(disk: Disk, path: string): Promise<void> {
  await disk.makeDirectory(path);
  let parent = path;
  do {
    parent = parent.slice(0, parent.lastIndexOf('/'));
    try {
      await disk.syncDirectory(parent || '/');
    } catch (error) {
      // One that we may not read is none that we have just made.
      if (!(error instanceof DiskError && error.code === 'EACCES')) throw error;
    }
  } while (parent !== '');
}
