import { makeDurableDirectory } from '../../common/durable-directory.ts';
import type { Disk } from '../../libprocess/disk.ts';
import { DiskError } from '../../libprocess/errors.ts';
import { JournalDamagedError } from './errors.ts';
import { decodeSegment } from './journal-codec.ts';
import { LayoutWriter } from './layout-writer.ts';
import { JOURNAL_DIRECTORY, segmentPath } from './segment.ts';

const SYNCS_MAX = 16;

export interface JournalRecoveryOptions {
  readonly disk: Disk;
  readonly metaDirectory: string;
  /** Whether damage is refused, with the file named, or skipped and counted. */
  readonly strict: boolean;
}

export interface RecoveredJournal {
  readonly commits: number;
  /** Of a last commit that the crash cut short; nobody had acted on it. */
  readonly tornBytes: number;
  /** What was skipped, one text each. Always empty if strict. */
  readonly damages: readonly string[];
}

/**
 * Makes the plain files what the journal says, durably, and removes the journal. Harmless where there
 * is none, as in a directory written by Mesos, and if interrupted: the next one begins again. Creates
 * the meta directory if need be, so that a power cut takes none of what will be in it.
 *
 * Errors: `JournalDamagedError` if strict.
 */
export async function recoverJournal(options: JournalRecoveryOptions): Promise<RecoveredJournal> {
  const { disk, metaDirectory, strict } = options;
  await makeDurableDirectory(disk, metaDirectory);
  const numbers = await segmentNumbers(disk, metaDirectory);
  const damages: string[] = [];
  const damaged = (path: string, what: string): void => {
    const error = new JournalDamagedError(path, what);
    if (strict) throw error;
    damages.push(error.message);
  };
  const layout = new LayoutWriter(disk, metaDirectory);
  let commits = 0;
  let tornBytes = 0;
  for (const [index, number] of numbers.entries()) {
    const path = segmentPath(metaDirectory, number);
    const last = index === numbers.length - 1;
    if (number !== (numbers[0] ?? 0) + index) damaged(path, 'the segment before it is missing');
    const segment = decodeSegment(await disk.readFile(path));
    for (const at of segment.damagedAt) damaged(path, `checksum mismatch at byte ${at}`);
    if (last) tornBytes = segment.tornBytes;
    else if (segment.tornBytes > 0) damaged(path, `its last ${segment.tornBytes} bytes`);
    await layout.apply(segment.commits.flat());
    commits += segment.commits.length;
  }
  await layout.sync(layout.takeUnsynced(), SYNCS_MAX);
  await layout.close();
  await removeSegments(disk, metaDirectory, numbers);
  return { commits, tornBytes, damages };
}

/** Oldest first, each durably: a segment replayed without a newer one would undo that. */
async function removeSegments(
  disk: Disk,
  metaDirectory: string,
  numbers: readonly number[],
): Promise<void> {
  const directory = `${metaDirectory}/${JOURNAL_DIRECTORY}`;
  for (const number of numbers) {
    await disk.unlink(segmentPath(metaDirectory, number));
    await disk.syncDirectory(directory);
  }
  await disk.removeTree(directory);
}

async function segmentNumbers(disk: Disk, metaDirectory: string): Promise<readonly number[]> {
  try {
    const entries = await disk.readDirectory(`${metaDirectory}/${JOURNAL_DIRECTORY}`);
    const numbers = entries.map(({ name }) => Number(name));
    return numbers.filter((number) => Number.isSafeInteger(number)).sort((a, b) => a - b);
  } catch (error) {
    if (error instanceof DiskError && error.code === 'ENOENT') return [];
    throw error;
  }
}
