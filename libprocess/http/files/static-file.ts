import type { Disk, DiskFile, FileStatus } from '../../disk.ts';
import { DiskError } from '../../errors.ts';
import type { Request, Response } from '../http.ts';
import { PIPE_BYTES_HIGH } from '../limits.ts';
import { mediaType } from '../mime.ts';
import { Pipe, type PipeWriter } from '../pipe.ts';
import { empty, methodNotAllowed, notFound } from '../responses.ts';
import { byteRange, type ByteRange } from './byte-range.ts';

/** Files up to this size are sent in one piece, and so compressed for those who accept it. */
const WHOLE_BYTES_MAX = 1_024 * 1_024;

/**
 * Answers with a file: its type by its name, its length, one range of it if asked for, 304 if the
 * client has it. Only for paths that were found to be ours to give; 404 if there is no such file.
 */
export async function serveFile(disk: Disk, path: string, request: Request): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed('GET, HEAD');
  try {
    const status = await disk.status(path);
    if (status.kind !== 'file') return notFound();
    return await answer(await disk.open(path, 'read'), status, { path, request });
  } catch (error) {
    if (error instanceof DiskError && ABSENT.has(error.code)) return notFound();
    throw error;
  }
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG', 'ELOOP', 'EISDIR']);

async function answer(
  file: DiskFile,
  { modifiedAtMs }: FileStatus,
  { path, request }: { readonly path: string; readonly request: Request },
): Promise<Response> {
  let handedOver = false;
  try {
    const size = await file.size();
    const seconds = Math.floor(modifiedAtMs / 1_000);
    const headers = {
      'content-type': mediaType(path.slice(path.lastIndexOf('/') + 1)),
      'last-modified': new Date(seconds * 1_000).toUTCString(),
      etag: `W/"${size.toString(16)}-${Math.floor(modifiedAtMs).toString(16)}"`,
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
    };
    if (isUnchanged(request, headers.etag, seconds)) return empty(304, headers);
    // Our tags are weak: none of them proves that the client has the other part of these very bytes.
    const resumes = request.headers['if-range'] !== undefined;
    const range = resumes ? undefined : byteRange(request.headers['range'], size);
    if (range === 'unsatisfiable') return empty(416, { 'content-range': `bytes */${size}` });
    const part = range ?? { from: 0, length: size };
    const partial = range && { 'content-range': `bytes ${from(part)}/${size}` };
    const status = range ? 206 : 200;
    if (part.length <= WHOLE_BYTES_MAX) {
      const body = await file.read(part.from, part.length);
      // What is a range of the plain bytes is none of the compressed ones.
      const plain = range && { 'content-encoding': 'identity' };
      return { status, headers: { ...headers, ...partial, ...plain }, body };
    }
    const { reader, writer } = new Pipe();
    handedOver = true;
    void copy(file, part, writer);
    const length = { 'content-length': String(part.length) };
    return { status, headers: { ...headers, ...partial, ...length }, body: reader };
  } finally {
    if (!handedOver) await file[Symbol.asyncDispose]();
  }
}

const from = ({ from: first, length }: ByteRange): string => `${first}-${first + length - 1}`;

/** Fails the pipe if the file has become shorter: what was promised must not end as if it were whole. */
async function copy(file: DiskFile, part: ByteRange, writer: PipeWriter): Promise<void> {
  try {
    let { from: offset, length } = part;
    while (length > 0) {
      await writer.drained();
      const chunk = await file.read(offset, Math.min(length, PIPE_BYTES_HIGH));
      if (chunk.byteLength === 0) throw new DiskError('EIO', 'Failed to send a file: it was cut');
      if (!writer.write(chunk)) break;
      offset += chunk.byteLength;
      length -= chunk.byteLength;
    }
    writer.close();
  } catch (error) {
    writer.fail(error);
  } finally {
    await file[Symbol.asyncDispose]();
  }
}

/** By tag if the client names one, else by time (RFC 9110 §13.2.2). */
function isUnchanged({ headers }: Request, etag: string, modifiedAtSeconds: number): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined) {
    return tags.split(',').some((tag) => tag.trim() === '*' || tag.trim() === etag);
  }
  const sinceMs = Date.parse(headers['if-modified-since'] ?? '');
  return Number.isFinite(sinceMs) && modifiedAtSeconds * 1_000 <= sinceMs;
}
