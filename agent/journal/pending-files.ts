import type { Change } from './change.ts';

/** What one file needs written, all operations on it joined. */
export interface PendingFile {
  /** Of the first of them. */
  readonly point: Change['point'];
  /** The whole file is `bytes`; else it is cut to `offset` and `bytes` follow. */
  readonly replaces: boolean;
  readonly mode: number | undefined;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface Draft {
  readonly point: Change['point'];
  readonly replaces: boolean;
  readonly mode: number | undefined;
  readonly offset: number;
  readonly chunks: Uint8Array[];
  lengthBytes: number;
}

/** Joins the puts and appends among `changes` by file, in order. */
export function pendingFiles(changes: readonly Change[]): Map<string, PendingFile> {
  const drafts = new Map<string, Draft>();
  for (const { op, point } of changes) {
    if (op.kind === 'put') {
      const { mode, bytes } = op;
      const lengthBytes = bytes.length;
      drafts.set(op.path, { point, replaces: true, mode, offset: 0, chunks: [bytes], lengthBytes });
    } else if (op.kind === 'append') {
      drafts.set(op.path, append(drafts.get(op.path), op, point));
    }
  }
  const files = new Map<string, PendingFile>();
  for (const [path, { point, replaces, mode, offset, chunks }] of drafts) {
    files.set(path, { point, replaces, mode, offset, bytes: join(chunks) });
  }
  return files;
}

function append(
  draft: Draft | undefined,
  { offset, bytes }: { readonly offset: number; readonly bytes: Uint8Array },
  point: Change['point'],
): Draft {
  const kept = draft ? offset - draft.offset : -1;
  if (!draft || kept < 0) {
    const known = draft ?? { point, replaces: false, mode: undefined };
    return { ...known, offset, chunks: [bytes], lengthBytes: bytes.length };
  }
  if (kept !== draft.lengthBytes) {
    // Rare: it rewinds, or leaves a gap that reads as zeros.
    const start = new Uint8Array(kept);
    start.set(join(draft.chunks).subarray(0, kept));
    draft.chunks.splice(0, draft.chunks.length, start);
    draft.lengthBytes = kept;
  }
  draft.chunks.push(bytes);
  draft.lengthBytes += bytes.length;
  return draft;
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  return first && chunks.length === 1 ? first : Buffer.concat(chunks);
}
