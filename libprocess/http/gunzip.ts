import { gunzipSync } from 'node:zlib';
import { GUNZIP_RATIO_MAX, PIPE_BYTES_HIGH } from './limits.ts';

/** The bytes decompressed; `malformed` if they are no gzip, `bomb` if they expand beyond reason. */
export function gunzipped(bytes: Uint8Array, lengthMax: number): Uint8Array | 'malformed' | 'bomb' {
  const reasonable = Math.max(bytes.byteLength * GUNZIP_RATIO_MAX, PIPE_BYTES_HIGH);
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.min(lengthMax, reasonable) });
  } catch (error) {
    return Reflect.get(Object(error), 'code') === 'ERR_BUFFER_TOO_LARGE' ? 'bomb' : 'malformed';
  }
}
