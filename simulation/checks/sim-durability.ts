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

/** Newest first: what is asked for has mostly just been written. */
function inFilesOf(fileSystem: FileSystem, path: string, bytes: Uint8Array): boolean {
  for (const { name, kind } of entriesOf(fileSystem, path).toReversed()) {
    if (kind !== 'file') continue;
    if (viewOf(fileSystem.readDurable(`${path}/${name}`)).includes(viewOf(bytes))) return true;
  }
  return false;
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

function entriesOf(fileSystem: FileSystem, path: string): ReturnType<FileSystem['readDirectory']> {
  try {
    return fileSystem.readDirectory(path);
  } catch {
    return []; // There is none.
  }
}
