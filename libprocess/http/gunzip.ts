import { gunzipSync } from 'node:zlib';
import { NetworkError } from '../errors.ts';
import { GUNZIP_RATIO_MAX, PIPE_BYTES_HIGH } from './limits.ts';

/** The bytes decompressed; `malformed` if they are no gzip, `bomb` if they expand too far or beyond reason. */
export function gunzipped(bytes: Uint8Array, lengthMax: number): Uint8Array | 'malformed' | 'bomb' {
  const reasonable = Math.max(bytes.byteLength * GUNZIP_RATIO_MAX, PIPE_BYTES_HIGH);
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.min(lengthMax, reasonable) });
  } catch (error) {
    return Reflect.get(Object(error), 'code') === 'ERR_BUFFER_TOO_LARGE' ? 'bomb' : 'malformed';
  }
}

/** What whoever asked for an answer hears instead of it. */
export const gunzipError = (why: 'malformed' | 'bomb', bytesMax: number): NetworkError =>
  why === 'bomb'
    ? new NetworkError(
        'EMSGSIZE',
        `Failed to decompress an answer: it is longer than ${bytesMax} bytes`,
      )
    : new NetworkError('EBADMSG', 'Failed to decompress an answer: it is no gzip');
