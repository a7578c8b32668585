import type { IncomingMessage } from 'node:http';
import type { Response } from '../http/http.ts';
import { text } from '../http/responses.ts';

const MIB = 1_024 * 1_024;
/** Longest body of a request, and of one that is a libprocess message. */
const REQUEST_BODY_BYTES_MAX = 8 * MIB;
const MESSAGE_BODY_BYTES_MAX = 64 * MIB;
/** Bodies of all requests that are arriving in this operating-system process. */
const ARRIVING_BYTES_MAX = 256 * MIB;

export type Body =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'refused'; readonly response: Response }
  /** The client went away. */
  | { readonly kind: 'broken' };

const NOTHING = new Uint8Array(0);
const arriving = { bytes: 0 };

/** Reads the body of a request, within limits; `done` is called once. */
export function collectBody(message: IncomingMessage, done: (body: Body) => void): void {
  const limit = isMessage(message) ? MESSAGE_BODY_BYTES_MAX : REQUEST_BODY_BYTES_MAX;
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
  message.on('data', (chunk: Uint8Array) => {
    if (over) return;
    bytes += chunk.length;
    arriving.bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > limit) finish({ kind: 'refused', response: text(413, 'The body is too large') });
    else if (arriving.bytes > ARRIVING_BYTES_MAX) {
      finish({ kind: 'refused', response: text(503, 'Too many large requests at once') });
    }
  });
  message.on('end', () => {
    finish({ kind: 'whole', bytes: joined(chunks) });
  });
  message.on('error', () => {
    finish({ kind: 'broken' });
  });
  message.on('close', () => {
    finish({ kind: 'broken' });
  });
}

function isMessage({ headers }: IncomingMessage): boolean {
  return (
    headers['libprocess-from'] !== undefined ||
    headers['user-agent']?.startsWith('libprocess/') === true
  );
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 0) return NOTHING;
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks);
}
