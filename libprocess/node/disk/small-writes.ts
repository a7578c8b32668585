import type { Millis } from '../../clock.ts';
import type { FileWrite } from '../../disk.ts';
import { NodeDiskFile } from './node-disk-file.ts';

/** Larger ones are worth another thread. */
const SMALL_BYTES_MAX = 64 * 1024;
/** After so long others have their turn. */
const SLICE_MS: Millis = 2;
/** A write into the page cache that takes so long was made to wait for the disk. */
const SLOW_WRITE_MS: Millis = 5;

/**
 * Small writes end up in the page cache: 2 to 3 microseconds each in this thread, 13 to 20 by way of the
 * thread pool. When the kernel throttles, the rest goes by way of the pool: this thread must not wait.
 */
export async function writeSmallFiles(writes: readonly FileWrite[]): Promise<void> {
  let sliceBeganMs = performance.now();
  let throttled = false;
  for (const { file, offset, bytes } of writes) {
    if (throttled || !(file instanceof NodeDiskFile) || bytes.length > SMALL_BYTES_MAX) {
      await file.write(offset, bytes);
      continue;
    }
    const beganMs = performance.now();
    file.writeNow(offset, bytes);
    const nowMs = performance.now();
    throttled = nowMs - beganMs > SLOW_WRITE_MS;
    if (nowMs - sliceBeganMs > SLICE_MS) {
      await new Promise(setImmediate);
      sliceBeganMs = performance.now();
    }
  }
}
