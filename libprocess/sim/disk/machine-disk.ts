import type { Millis } from '../../clock.ts';
import type { FileSystem } from '../file-system/file-system.ts';
import type { SimRandom } from '../sim-random.ts';

export type DiskOperationKind =
  | 'open'
  | 'read'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'close'
  | 'status'
  | 'directory'
  | 'rename'
  | 'remove'
  | 'link'
  | 'attributes'
  | 'sync-directory'
  | 'lock';

export interface DiskOperation {
  readonly kind: DiskOperationKind;
  readonly path: string;
  /** Counts the operations of this disk from 1. */
  readonly ordinal: number;
}

export interface DiskFault {
  /** Default: any operation. */
  readonly kind?: DiskOperationKind;
  /** Default: any path. */
  readonly path?: RegExp;
  readonly code: 'EIO' | 'ENOSPC' | 'EROFS' | 'EACCES';
  /** How many operations fail before the fault is over. Default: all. */
  readonly times?: number;
  /** Chance that a matching operation fails. Default: 1. */
  readonly probability?: number;
}

interface Span {
  readonly minMs: Millis;
  readonly maxMs: Millis;
}

interface ActiveFault extends DiskFault {
  remaining: number;
}

/**
 * The disk of one machine, with what can go wrong with it. A sync that fails with EIO loses what it
 * covered: readable until the power fails, never durable.
 */
export class MachineDisk {
  readonly fileSystem: FileSystem;
  /** Uniform; assign a longer one for a slow disk. */
  latency: Span = { minMs: 0.02, maxMs: 0.2 };
  syncLatency: Span = { minMs: 0.2, maxMs: 4 };
  /** Called before each operation takes effect: the place to kill a node at any operation. */
  onOperation: ((operation: DiskOperation) => void) | undefined;
  readonly locks = new Map<number, { readonly pid: number }>();
  readonly #random: SimRandom;
  readonly #faults = new Set<ActiveFault>();
  #operations = 0;

  constructor(fileSystem: FileSystem, random: SimRandom) {
    this.fileSystem = fileSystem;
    this.#random = random;
  }

  /** Operations so far. */
  get operations(): number {
    return this.#operations;
  }

  /** Makes matching operations fail until disposed, or as often as it says. */
  inject(fault: DiskFault): Disposable {
    const active: ActiveFault = { ...fault, remaining: fault.times ?? Infinity };
    this.#faults.add(active);
    return { [Symbol.dispose]: () => void this.#faults.delete(active) };
  }

  /** Leaves room for this many more bytes. */
  setFreeBytes(freeBytes: number): void {
    const { fileSystem } = this;
    fileSystem.capacityBytes += freeBytes - fileSystem.freeBytes;
  }

  /** Counts an operation that is about to take effect. */
  begin(kind: DiskOperationKind, path: string): void {
    this.#operations += 1;
    this.onOperation?.({ kind, path, ordinal: this.#operations });
  }

  /** The code with which the operation fails, if it does. */
  fault(kind: DiskOperationKind, path: string): string | undefined {
    for (const fault of this.#faults) {
      if (fault.kind !== undefined && fault.kind !== kind) continue;
      if (fault.path && !fault.path.test(path)) continue;
      if (fault.probability !== undefined && !this.#random.chance(fault.probability)) continue;
      fault.remaining -= 1;
      if (fault.remaining <= 0) this.#faults.delete(fault);
      return fault.code;
    }
    return undefined;
  }

  delayMs(kind: DiskOperationKind): Millis {
    const syncs = kind === 'sync' || kind === 'sync-directory';
    const { minMs, maxMs } = syncs ? this.syncLatency : this.latency;
    return this.#random.within(minMs, maxMs);
  }

  /** Whether an operation in flight still reached the kernel when its process was killed. */
  reachedKernel(): boolean {
    return this.#random.chance(0.5);
  }

  crash(): void {
    this.locks.clear();
    this.fileSystem.crash(this.#random);
  }
}
