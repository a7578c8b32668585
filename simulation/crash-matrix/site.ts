import type { DiskOperation, DiskOperationKind } from '../../libprocess/sim/disk/machine-disk.ts';
import type { End, Moment } from './crash.ts';

/** One change of a disk in a story: where it can crash. Plain data, which crosses processes. */
export interface Site {
  readonly points: readonly string[];
  readonly kind: DiskOperationKind;
  /** The last part of the path, less what differs from run to run. */
  readonly file: string;
  /** Of a write. */
  readonly sizeBytes: number;
  /** Where records end in a write, but for the last. */
  readonly boundaries: readonly number[];
}

/** A way to crash at a site, and what makes it like others. */
export interface Choice {
  readonly moment: Moment;
  readonly end: End;
  /** Write points, operation, file, moment and end: of a kind, one is as good as another. */
  readonly name: string;
  /** The same less the file, for each of the write points. */
  readonly positions: readonly string[];
}

export function siteOf({ kind, points, path, bytes }: DiskOperation): Site {
  return {
    points,
    kind,
    file: path
      .slice(path.lastIndexOf('/') + 1)
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4,12}){4}(-[A-Z]\d+)?/g, '*')
      .replace(/^\d+(?=$|\.)/, 'N'),
    sizeBytes: bytes?.length ?? 0,
    boundaries: bytes ? boundariesOf(bytes) : [],
  };
}

const ENDS_BEFORE: readonly End[] = ['kill', 'power-nothing', 'power-everything'];
const ENDS_AFTER: readonly End[] = [...ENDS_BEFORE, 'power-names', 'power-contents', 'power-seed'];
/** What is torn survives: else it would not be. */
const ENDS_TORN: readonly End[] = ['kill', 'power-everything'];

/** Sites of a story are those of most of its cases: there are few, and each is seen thousands of times. */
const known = new Map<string, readonly Choice[]>();

/**
 * All ways to crash at a site. Together with those at the sites around it they are every moment of a
 * durable write: before it, torn, written and not synced, synced and not renamed, renamed and the directory
 * not synced, and all done.
 */
export function choicesAt(site: Site): readonly Choice[] {
  const { points, kind, file, sizeBytes, boundaries } = site;
  const key = `${points.join('+')} ${kind} ${file} ${sizeBytes} ${boundaries.join()}`;
  const choices = known.get(key) ?? waysToCrash(site);
  known.set(key, choices);
  return choices;
}

function waysToCrash(site: Site): readonly Choice[] {
  const choice = (moment: Moment, end: End, name: string): Choice => ({
    moment,
    end,
    name: [site.points.join('+'), site.kind, site.file, name, end].join(' '),
    positions: site.points.map((point) => [point, site.kind, name, end].join(' ')),
  });
  return [
    ...ENDS_BEFORE.map((end) => choice('before', end, 'before')),
    ...[...tearsOf(site)].flatMap(([tornAt, name]) =>
      ENDS_TORN.map((end) => choice({ tornAt }, end, name)),
    ),
    ...ENDS_AFTER.map((end) => choice('after', end, 'after')),
  ];
}

function tearsOf({ sizeBytes, boundaries }: Site): ReadonlyMap<number, string> {
  const tears = new Map<number, string>();
  if (sizeBytes < 2) return tears;
  for (const boundary of boundaries) tears.set(boundary, 'torn between records');
  tears.set(sizeBytes >> 1, 'torn in half');
  tears.set(sizeBytes - 1, 'torn at the last byte');
  tears.set(1, 'torn at the first byte');
  return tears;
}

/** Logs are records with their length before them, and perhaps a checksum. */
function boundariesOf(bytes: Uint8Array): readonly number[] {
  return walk(bytes, 8) ?? walk(bytes, 4) ?? [];
}

/** Undefined if these are no such records. */
function walk(bytes: Uint8Array, prefixBytes: number): readonly number[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const boundaries: number[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (offset > 0) boundaries.push(offset);
    if (offset + prefixBytes > bytes.length) return undefined;
    offset += prefixBytes + view.getUint32(offset, true);
  }
  return offset === bytes.length ? boundaries : undefined;
}
