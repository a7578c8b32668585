import type { FileSystem } from '../../libprocess/sim/file-system/file-system.ts';
import type { Simulation } from '../../libprocess/sim/simulation.ts';

/** Whether something is on the disk of a machine, for good. */
export type Durability = (address: string, bytes: Uint8Array, name: string) => boolean;

const META = '/var/lib/mesos/meta';

/**
 * Looks for records of agents: in the segments of the journal, newest first, and then in plain files
 * below directories called `name`. Names are taken as they stand: what a power cut may do to them is the
 * crash matrix's business.
 */
export function durabilityOf(sim: Simulation): Durability {
  return (address, bytes, name) => {
    const machine = sim.machineAt(address.slice(0, address.lastIndexOf(':')));
    const fileSystem = machine?.disk.fileSystem;
    if (!fileSystem) return false;
    return (
      inFilesOf(fileSystem, `${META}/journal`, bytes) || below(fileSystem, META, { bytes, name })
    );
  };
}

interface Wanted {
  readonly bytes: Uint8Array;
  readonly name: string;
}

function below(fileSystem: FileSystem, path: string, wanted: Wanted): boolean {
  for (const { name, kind } of entriesOf(fileSystem, path)) {
    if (kind !== 'directory' || name === 'journal') continue;
    const own = `${path}/${name}`;
    if (name === wanted.name && inFilesOf(fileSystem, own, wanted.bytes)) return true;
    if (below(fileSystem, own, wanted)) return true;
  }
  return false;
}

function inFilesOf(fileSystem: FileSystem, path: string, bytes: Uint8Array): boolean {
  return entriesOf(fileSystem, path)
    .filter(({ kind }) => kind === 'file')
    .some(({ name }) => {
      const held = fileSystem.readDurable(`${path}/${name}`);
      return Buffer.from(held.buffer, held.byteOffset, held.byteLength).includes(
        Buffer.from(bytes),
      );
    });
}

function entriesOf(fileSystem: FileSystem, path: string): ReturnType<FileSystem['readDirectory']> {
  try {
    return fileSystem.readDirectory(path);
  } catch {
    return []; // There is none.
  }
}
