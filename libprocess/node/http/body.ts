import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { NetworkError } from '../../errors.ts';
import type { Response } from '../../http/http.ts';
import {
  ARRIVING_BYTES_MAX,
  GUNZIP_RATIO_MAX,
  HEADER_LINES_MAX,
  MESSAGE_BODY_BYTES_MAX,
  PIPE_BYTES_HIGH,
  REQUEST_BODY_BYTES_MAX,
} from '../../http/limits.ts';
import { Pipe, type PipeReader } from '../../http/pipe.ts';
import { badRequest, bodyTooLarge, text } from '../../http/responses.ts';
import { networkError } from '../network-error.ts';

export type Body =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'streams'; readonly reader: PipeReader }
  | { readonly kind: 'refused'; readonly response: Response }
  /** The client went away. */
  | { readonly kind: 'broken' };

const NOTHING = new Uint8Array(0);
const arriving = { bytes: 0 };

export const isGzipped = ({ headers }: IncomingMessage): boolean =>
  headers['content-encoding']?.toLowerCase() === 'gzip';

/** What the body of a message is read from. Fails with `EMSGSIZE` if it grows beyond all reason. */
export function plainBody(message: IncomingMessage): Readable {
  if (!isGzipped(message)) return message;
  message.on('error', () => undefined); // Told by `close`, before `end`.
  const gunzip = createGunzip();
  let compressed = 0;
  let plain = 0;
  message.on('data', (chunk: Uint8Array) => (compressed += chunk.length));
  gunzip.on('data', (chunk: Uint8Array) => {
    plain += chunk.length;
    if (plain <= Math.max(compressed * GUNZIP_RATIO_MAX, PIPE_BYTES_HIGH)) return;
    gunzip.destroy(new NetworkError('EMSGSIZE', 'the body expands too far'));
  });
  message.on('close', () => {
    if (!message.readableEnded) gunzip.destroy();
  });
  return message.pipe(gunzip);
}

/** The refusal of a request for what its head says, whatever its body. */
export function refusedHead({
  rawHeaders,
  headers,
  httpVersion,
}: IncomingMessage): Body | undefined {
  if (rawHeaders.length / 2 > HEADER_LINES_MAX) {
    return { kind: 'refused', response: text(431, 'Too many header fields') };
  }
  if (httpVersion === '1.0' && headers['transfer-encoding'] !== undefined) {
    return { kind: 'refused', response: badRequest('HTTP/1.0 knows no transfer codings') };
  }
  // What is no coding at all, or does not end with chunks, Node.js refuses by itself.
  if (!/,\s*chunked\s*$/i.test(headers['transfer-encoding'] ?? '')) return undefined;
  return { kind: 'refused', response: text(501, 'Unknown transfer coding') };
}

/** The refusal of a body that says itself that it is too long to be read whole. */
export function refusedBody(message: IncomingMessage): Body | undefined {
  const length = Number(message.headers['content-length'] ?? 0);
  const limit = limitOf(message);
  return length > limit ? { kind: 'refused', response: bodyTooLarge(limit) } : undefined;
}

/** Reads the body of a request, within limits; `done` is called once. */
export function collectBody(message: IncomingMessage, done: (body: Body) => void): void {
  const limit = limitOf(message);
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  let over = false;
  const finish = (body: Body): void => {
    if (over) return;
    over = true;
    arriving.bytes -= bytes;
    chunks = [];
    done(body);
  };
  const source = plainBody(message);
  source.on('data', (chunk: Uint8Array) => {
    if (over) return;
    bytes += chunk.length;
    arriving.bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > limit) finish({ kind: 'refused', response: bodyTooLarge(limit) });
    else if (arriving.bytes > ARRIVING_BYTES_MAX) {
      finish({ kind: 'refused', response: text(503, 'Too many large requests at once') });
    }
  });
  source.on('end', () => {
    finish({ kind: 'whole', bytes: joined(chunks) });
  });
  source.on('error', (error) => {
    if (source === message) finish({ kind: 'broken' });
    else
      finish({ kind: 'refused', response: expandsTooFar(error) ? bodyTooLarge(limit) : noGzip() });
  });
  source.on('close', () => {
    finish({ kind: 'broken' });
  });
}

/**
 * The body of a message as it comes; its sender is held back while the reader does not read.
 * `unwanted` is called if the reader closes before the end. With `torn` its end does not tell that it is whole.
 */
export function streamBody(
  message: IncomingMessage,
  unwanted: () => void,
  torn = false,
): PipeReader {
  const { reader, writer } = new Pipe();
  const source = plainBody(message);
  writer.readerClosed().onReady(() => {
    source.resume();
    unwanted();
  });
  source.on('data', (chunk: Uint8Array) => {
    writer.write(chunk);
    if (writer.bufferedBytes < PIPE_BYTES_HIGH) return;
    source.pause();
    writer.drained().onReady(() => source.resume());
  });
  source.on('end', () => {
    if (torn)
      writer.fail(new NetworkError('ECONNRESET', 'nothing tells whether the body is whole'));
    else writer.close();
  });
  source.on('error', (error) => {
    const known = error instanceof NetworkError;
    writer.fail(known ? error : networkError('Failed to read a body', error));
  });
  source.on('close', () => {
    writer.fail(new NetworkError('ECONNRESET', 'the peer broke off'));
  });
  return reader;
}

const noGzip = (): Response => badRequest('Failed to decompress the body');
const expandsTooFar = (error: Error): boolean =>
  error instanceof NetworkError && error.code === 'EMSGSIZE';

function limitOf({ headers }: IncomingMessage): number {
  const isMessage =
    headers['libprocess-from'] !== undefined ||
    headers['user-agent']?.startsWith('libprocess/') === true;
  return isMessage ? MESSAGE_BODY_BYTES_MAX : REQUEST_BODY_BYTES_MAX;
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 0) return NOTHING;
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks);
}
