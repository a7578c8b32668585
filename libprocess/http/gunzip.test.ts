import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { gunzipped } from './gunzip.ts';
import { GUNZIP_RATIO_MAX, PIPE_BYTES_HIGH, REQUEST_BODY_BYTES_MAX } from './limits.ts';

const MIB = 1_024 ** 2;
/** Shrinks to about a thirtieth: less than a bomb does. */
const text = (length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = ((at * at) >>> 5) % 251;
  return bytes;
};

describe('what gzip becomes', () => {
  test('may be as long as is said, and not a byte longer', () => {
    for (const limit of [1, 1_000, PIPE_BYTES_HIGH, REQUEST_BODY_BYTES_MAX]) {
      expect(gunzipped(gzipSync(text(limit)), limit)).toHaveLength(limit);
      expect(gunzipped(gzipSync(text(limit + 1)), limit)).toBe('bomb');
    }
  });

  test('may be a hundred times as long as it came, and not a byte more; little always may', () => {
    const packed = (zeros: number): Uint8Array => gzipSync(new Uint8Array(zeros));
    expect(packed(16 * MIB).length * GUNZIP_RATIO_MAX).toBeLessThan(16 * MIB);
    expect(gunzipped(packed(16 * MIB), 64 * MIB)).toBe('bomb');
    expect(gunzipped(packed(PIPE_BYTES_HIGH), MIB)).toHaveLength(PIPE_BYTES_HIGH);
    expect(gunzipped(packed(PIPE_BYTES_HIGH + 1), MIB)).toBe('bomb');
  });

  test('is nothing if it is no gzip, or torn', () => {
    const whole = gzipSync(text(1_000));
    expect(gunzipped(new Uint8Array(10), MIB)).toBe('malformed');
    expect(gunzipped(whole.subarray(0, whole.length - 1), MIB)).toBe('malformed');
  });

  test('is not held where it is refused: a bomb of a GiB takes no memory to speak of', () => {
    const member = gzipSync(new Uint8Array(64 * MIB));
    const bomb = Buffer.concat(Array.from({ length: 16 }, () => member));
    const before = process.memoryUsage().arrayBuffers;
    expect(gunzipped(bomb, 8 * MIB)).toBe('bomb');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MIB);
  });
});
