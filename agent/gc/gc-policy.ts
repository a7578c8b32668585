import type { Millis } from '../../libprocess/index.ts';

export interface DiskPressure {
  /** Used share of the disk, 0 to 1. */
  readonly usage: number;
  readonly gcDelayMs: Millis;
  readonly gcDiskHeadroom: number;
}

/**
 * The age beyond which sandboxes go: the whole delay on an empty disk, nothing on one that is full
 * up to the headroom (`slave.cpp`, `Slave::age`).
 */
export function maxAgeMs({ usage, gcDelayMs, gcDiskHeadroom }: DiskPressure): Millis {
  return gcDelayMs * Math.max(0, 1 - gcDiskHeadroom - usage);
}
