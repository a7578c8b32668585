import { readFileSync } from 'node:fs';
import type { Disk } from '../../../libprocess/disk.ts';
import { isObject, type Json, type JsonObject } from '../stories/json.ts';
import { Names } from '../stories/naming.ts';
import { fieldsOf } from '../stories/recorded-messages.ts';

export const WORK_DIRECTORY = '/var/lib/mesos/agent';
const META = `${WORK_DIRECTORY}/meta`;

/** One name below the meta directory. */
interface Entry {
  readonly path: string;
  readonly kind: 'directory' | 'file' | 'symlink';
  /** Permissions; links have none of their own. */
  readonly mode: string;
  readonly bytes: Uint8Array;
  readonly target: string;
}

/** Kept by parts of Mesos that are not built here: a LevelDB, reservations and their operations. */
const THEIRS_ALONE = /resource_provider_registry|^resources|\/operations/;
/** The redo journal, and what the built-in executor keeps. Mesos does not look at either. */
const OURS_ALONE = /^journal|\/command\.task$/;

const RECORDS: Readonly<Record<string, string>> = {
  'slave.info': 'mesos.SlaveInfo',
  'framework.info': 'mesos.FrameworkInfo',
  'executor.info': 'mesos.ExecutorInfo',
  'task.info': 'mesos.Task',
  'task.updates': 'mesos.internal.StatusUpdateRecord',
};

interface RecordedEntry {
  readonly path: string;
  readonly type: 'dir' | 'file' | 'link';
  readonly mode: string;
  readonly base64?: string;
  readonly target?: string;
}

function recordedEntries(situation: string): RecordedEntry[] {
  const url = new URL(`../checkpoint/${situation}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { readonly meta: RecordedEntry[] }).meta;
}

/** What C++ Mesos had in its meta directory: what each name is, ids as names. */
export function recordedTree(situation: string): JsonObject {
  const kinds = { dir: 'directory', file: 'file', link: 'symlink' } as const;
  return described(
    recordedEntries(situation).map(({ path, type, mode, base64 = '', target = '' }) => ({
      path: path.slice(META.length + 1),
      kind: kinds[type],
      mode: Number(mode).toString(8),
      bytes: Buffer.from(base64, 'base64'),
      target: target.slice(META.length + 1),
    })),
  );
}

/** The same of an agent of ours. */
export async function treeOf(disk: Disk): Promise<JsonObject> {
  const entries: Entry[] = [];
  const walk = async (directory: string): Promise<void> => {
    for (const { name, kind } of await disk.readDirectory(directory)) {
      const path = `${directory}/${name}`;
      const link = kind === 'symlink';
      entries.push({
        path: path.slice(META.length + 1),
        kind: kind === 'directory' || link ? kind : 'file',
        mode: link ? '' : (await disk.status(path)).mode.toString(8),
        bytes: kind === 'file' ? await disk.readFile(path) : new Uint8Array(0),
        target: link ? (await disk.readLink(path)).slice(META.length + 1) : '',
      });
      if (kind === 'directory') await walk(path);
    }
  };
  await walk(META);
  return described(entries);
}

/** Lays a recorded meta directory out on a disk. */
export async function materialise(disk: Disk, situation: string): Promise<void> {
  await disk.makeDirectory(META);
  for (const { path, type, mode, base64 = '', target = '' } of recordedEntries(situation)) {
    if (type === 'dir') await disk.makeDirectory(path);
    else if (type === 'file') await disk.writeFile(path, Buffer.from(base64, 'base64'));
    else await disk.symlink(target, path);
    if (type !== 'link') await disk.setMode(path, Number(mode));
  }
}

function described(all: readonly Entry[]): JsonObject {
  const entries = all
    .filter(({ path }) => !THEIRS_ALONE.test(path) && !OURS_ALONE.test(path))
    .map((entry) => ({ ...entry, content: contentOf(entry) }));
  const names = new Names();
  for (const { content } of entries)
    for (const record of recordsIn(content)) names.learnRecord(record);
  const named = (path: string): string =>
    path
      .split('/')
      .map((each) => names.of(each))
      .join('/');
  return Object.fromEntries(
    entries
      .map(({ path, kind, mode, target, content }): [string, Json] => [
        named(path),
        kind === 'symlink'
          ? { kind, target: named(target) }
          : { kind, mode, content: names.within(content) },
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const recordsIn = (content: Json): readonly Json[] =>
  Array.isArray(content) ? (content as readonly Json[]).filter(isObject) : [];

/** Records as their fields, pids as numbers, addresses and boot ids by what they are. */
function contentOf({ path, kind, bytes }: Entry): Json {
  if (kind !== 'file') return '';
  const name = path.slice(path.lastIndexOf('/') + 1);
  const type = RECORDS[name];
  if (type !== undefined) return [...records(bytes)].map((record) => fieldsOf(type, record));
  const text = new TextDecoder().decode(bytes);
  if (name === 'boot_id') return `a boot id of ${String(text.length)} characters`;
  if (name === 'forked.pid') return Number(text);
  if (/^executor\([^)]*\)@/.test(text)) return 'the address of the executor';
  if (text.startsWith('scheduler-')) return 'the address of the scheduler';
  return text;
}

/** Each with its length before it, four bytes of little endian. */
function* records(bytes: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let offset = 0; offset < bytes.length;) {
    const length = view.getUint32(offset, true);
    yield bytes.subarray(offset + 4, offset + 4 + length);
    offset += 4 + length;
  }
}
