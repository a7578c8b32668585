import { makeDurableDirectory } from '../../common/durable-directory.ts';
import type { Disk } from '../../libprocess/disk.ts';
import type { Change } from './change.ts';
import { JournalDamagedError } from './errors.ts';
import { decodeSegment, type LoggedOp } from './journal-codec.ts';
import type { JournalOp } from './journal.ts';
import { LayoutWriter } from './layout-writer.ts';
import { segmentFiles, syncName, type SegmentFile } from './segment.ts';

export interface JournalRecoveryOptions {
  readonly disk: Disk;
  readonly metaDirectory: string;
  /** Of the host, now: as long as it stays the same, what was written is there, synced or not. */
  readonly bootId: string;
  /** Whether damage is refused, with the file named, or skipped and counted. */
  readonly strict: boolean;
}

export interface RecoveredJournal {
  readonly commits: number;
  /** Of a last commit that the crash cut short; nobody had acted on it. */
  readonly tornBytes: number;
  /** What was skipped, one text each. Always empty if strict. */
  readonly damages: readonly string[];
  /** Oldest first: until the plain files are synced they alone are durable. */
  readonly segments: readonly SegmentFile[];
  /** Knows which files are not synced. */
  readonly layout: LayoutWriter;
}

/**
 * Makes the plain files what the journal says. The journal that goes on from here syncs them and
 * removes the segments, when it has time. Harmless where there is no journal, as in a directory written
 * by Mesos, and if interrupted: the next one begins again. Creates the meta directory if need be, so
 * that a power cut takes none of what will be in it.
 *
 * Errors: `JournalDamagedError` if strict.
 */
export async function recoverJournal(options: JournalRecoveryOptions): Promise<RecoveredJournal> {
  const { disk, metaDirectory, strict } = options;
  await makeDurableDirectory(disk.at('meta-directory'), metaDirectory);
  const segments = await segmentFiles(disk, metaDirectory);
  const damages: string[] = [];
  const damaged = (path: string, what: string): void => {
    const error = new JournalDamagedError(path, what);
    if (strict) throw error;
    damages.push(error.message);
  };
  const layout = new LayoutWriter(disk, metaDirectory);
  const mark = await lastMark(options, segments);
  let commits = 0;
  let tornBytes = 0;
  for (const [index, { number, path }] of segments.entries()) {
    const last = index === segments.length - 1;
    if (number !== (segments[0]?.number ?? 0) + index)
      damaged(path, 'the segment before it is missing');
    const bytes = await disk.readFile(path);
    const segment = decodeSegment(bytes);
    for (const at of segment.damagedAt) damaged(path, `checksum mismatch at byte ${at}`);
    if (last) {
      tornBytes = segment.tornBytes;
      await settle(disk.at('journal-settling'), path, bytes.subarray(0, bytes.length - tornBytes));
    } else if (segment.tornBytes > 0) damaged(path, `its last ${segment.tornBytes} bytes`);
    const done = index < mark.index ? Infinity : index === mark.index ? mark.commits : 0;
    layout.note(opsOf(segment.commits.slice(0, done)));
    await layout.apply(opsOf(segment.commits.slice(done)).map(replayed));
    commits += segment.commits.length;
  }
  return { commits, tornBytes, damages, segments, layout };
}

interface Mark {
  /** Of the segment in which it stands. */
  readonly index: number;
  readonly commits: number;
}

const NO_MARK: Mark = { index: -1, commits: 0 };

/**
 * How far the plain files are for sure, all segments taken together: only the newest mark counts, and
 * none when syncs have begun. After one that failed a file looks whole, and no sync would write it.
 */
async function lastMark(
  { disk, bootId }: JournalRecoveryOptions,
  segments: readonly SegmentFile[],
): Promise<Mark> {
  if (segments.some(({ syncing }) => syncing)) return NO_MARK;
  for (const [index, { path }] of [...segments.entries()].reverse()) {
    const { commits, damagedAt } = decodeSegment(await disk.readFile(path));
    if (damagedAt.length > 0) return NO_MARK; // Its commits can no longer be counted.
    const mark = commits.flat().findLast((op) => op.kind === 'applied');
    if (mark) return mark.path === bootId ? { index, commits: mark.commits } : NO_MARK;
  }
  return NO_MARK;
}

const replayed = (op: JournalOp): Change => ({ op, point: 'journal-replay' });

function opsOf(commits: readonly (readonly LoggedOp[])[]): readonly JournalOp[] {
  return commits.flat().filter((op) => op.kind !== 'applied');
}

/**
 * Only the last segment may end with an unfinished commit, and another will follow this one. Whole ones
 * may not be durable either: the agent was killed before their sync, or that failed. They are written
 * once more, since after a failure only what is written anew is synced, as they will be acted upon. Nor
 * may the name be: the power would take it, and leave that of the next segment.
 */
async function settle(disk: Disk, path: string, whole: Uint8Array): Promise<void> {
  await using file = await disk.open(path, 'write');
  if ((await file.size()) > whole.length) await file.truncate(whole.length);
  await file.write(0, whole);
  await file.sync();
  await syncName(disk, path);
}
