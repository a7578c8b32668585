import type { PlantedBug } from './planted-bug.ts';

const DISK_JOURNAL = 'agent/journal/disk-journal.ts';
const LOG = 'agent/journal/segment-log.ts';
const RECOVER = 'agent/journal/recover-journal.ts';
const MANAGER = 'agent/status-updates/status-update-manager-process.ts';

/** What should be on the disk is not, or what should not be acted upon yet is. */
export const JOURNAL_BUGS: readonly PlantedBug[] = [
  {
    id: 'journal-commits-are-not-synced',
    area: 'journal',
    file: DISK_JOURNAL,
    find: 'await segment.sync(points);\n',
    replace: '\n',
    breaks: 'U4: an update is forwarded that a power cut takes away',
  },
  {
    id: 'journal-segment-names-are-not-synced',
    area: 'journal',
    file: 'agent/journal/segment.ts',
    find: 'await disk.syncDirectory(directory);\n',
    replace: '\n',
    breaks: 'R4: a power cut takes a whole segment whose commits were acted upon',
  },
  {
    id: 'journal-retires-before-files-are-synced',
    area: 'journal',
    file: LOG,
    find: '    await sync();\n',
    replace: '',
    breaks: 'R4: a segment is removed whose files a power cut can still take away',
  },
  {
    id: 'journal-syncs-no-directories',
    area: 'journal',
    file: 'agent/journal/layout-writer.ts',
    find: 'await concurrently(directories, limit, (path) =>',
    replace: 'await concurrently([] as string[], limit, (path) =>',
    breaks: 'R4: new files are synced and their names are not',
  },
  {
    id: 'journal-seals-while-it-applies',
    area: 'journal',
    file: DISK_JOURNAL,
    find: `    this.#apply();
    await this.#applying;
    if (this.#unapplied`,
    replace: `    this.#apply();
    if (this.#unapplied`,
    breaks: 'R4: files that are written after a segment was sealed are not synced before it goes',
    hunter: 'crashes',
  },
  {
    id: 'journal-leaves-torn-tails',
    area: 'journal',
    file: RECOVER,
    find: 'if ((await file.size()) > whole.length) await file.truncate(whole.length);',
    replace: '',
    breaks: 'R4: a torn tail is damage to the recovery after the next',
    hunter: 'crashes',
  },
  {
    id: 'journal-releases-what-came-during-the-write',
    area: 'journal',
    file: DISK_JOURNAL,
    find: 'this.#release(last);\n    this.#apply();',
    replace: 'this.#release(this.#appended);\n    this.#apply();',
    breaks: 'U4: what was appended while a commit was written is taken for durable with it',
    hunter: 'crashes',
  },
  {
    id: 'journal-marks-what-was-only-written',
    area: 'journal',
    file: DISK_JOURNAL,
    find: 'commits: this.#applied }',
    replace: 'commits: this.#written }',
    breaks: 'R3: recovery leaves out commits that were never carried out',
    hunter: 'crashes',
  },
  {
    id: 'journal-trusts-marks-across-reboots',
    area: 'journal',
    file: RECOVER,
    find: 'return mark.path === bootId ? { index, commits: mark.commits } : NO_MARK;',
    replace: 'return { index, commits: mark.commits };',
    breaks: 'R4: after a power cut unsynced files are taken for complete',
  },
  {
    id: 'journal-skips-the-rest-of-the-marked-segment',
    area: 'journal',
    file: RECOVER,
    find: 'const done = index < mark.index ? Infinity : index === mark.index ? mark.commits : 0;',
    replace: 'const done = index <= mark.index ? Infinity : 0;',
    breaks: 'R3: commits after the mark are not carried out',
    hunter: 'crashes',
  },
  {
    id: 'journal-sorts-segments-as-text',
    area: 'journal',
    file: 'agent/journal/segment.ts',
    find: '.sort((a, b) => a.number - b.number)',
    replace: '.sort((a, b) => (a.path < b.path ? -1 : 1))',
    breaks: 'R3: the tenth segment is replayed before the ninth',
    hunter: 'crashes',
  },
  {
    id: 'journal-forgets-what-it-replayed',
    area: 'journal',
    file: RECOVER,
    find: 'layout.note(opsOf(segment.commits.slice(0, done)));',
    replace: '',
    breaks: 'R4: segments of a former agent are removed before their files are synced',
    hunter: 'crashes',
  },
  {
    id: 'journal-does-not-settle-what-it-replays',
    area: 'journal',
    file: RECOVER,
    find: 'await file.write(0, whole);\n  await file.sync();',
    replace: '',
    breaks: 'U4: a commit that was never synced is acted upon after a restart',
    hunter: 'crashes',
  },
  {
    id: 'journal-removes-the-newest-segment-first',
    area: 'journal',
    file: LOG,
    find: 'segment ? [...earlier, segment.path] : earlier',
    replace: 'segment ? [segment.path, ...earlier] : earlier',
    breaks: 'R3: an older segment is replayed without the newer one that followed it',
    hunter: 'crashes',
  },
  {
    id: 'update-records-overwrite-each-other',
    area: 'journal',
    file: MANAGER,
    find: 'entry.sizeBytes += bytes.length;',
    replace: '',
    breaks: 'R2: each record of a stream takes the place of the one before',
  },
  {
    id: 'updates-are-visible-before-they-are-durable',
    area: 'journal',
    file: MANAGER,
    find: 'journal.after(lsn, () => this.#noteDurable(entry));',
    replace: 'if (lsn >= 0) this.#noteDurable(entry);',
    breaks: 'U4: an update is forwarded that is not on the disk',
  },
  {
    id: 'acknowledgements-count-before-they-are-durable',
    area: 'journal',
    file: MANAGER,
    find: 'journal.after(lsn, () => this.#noteDurable(entry));',
    replace: `if (record.type === 'ACK') this.#noteDurable(entry);
    else journal.after(lsn, () => this.#noteDurable(entry));`,
    breaks: 'U5: the next update is sent before the acknowledgement of the last is on the disk',
  },
  {
    id: 'executors-start-before-they-are-recorded',
    area: 'journal',
    file: 'agent/executors/executor-launcher.ts',
    find: `    meta.journal.after(
      lsn,`,
    replace: `    meta.journal.after(
      0,`,
    breaks: 'R1: a task runs of which the next agent knows nothing',
  },
];
