import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Long enough for V8 to give up what it only keeps for a while. */
const SETTLE_MS = 200;

/** Bytes that are in use, without garbage. */
export interface Memory {
  /** Objects, and the buffers that they hold outside of the heap. */
  readonly heap: number;
  /** Of the operating-system process. */
  readonly rss: number;
}

export async function memoryInUse(): Promise<Memory> {
  await wait(SETTLE_MS);
  collectGarbage();
  await wait(SETTLE_MS);
  collectGarbage();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed + arrayBuffers, rss };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
