import type { Millis } from '../../clock.ts';
import type { FileSystem } from '../file-system/file-system.ts';
import { bySeed, type Survival } from '../file-system/survival.ts';
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

/** What a program asks of a disk, before it is done. */
export interface DiskOperation {
  readonly kind: DiskOperationKind;
  readonly path: string;
  /** Counts the operations of this disk from 1. */
  readonly ordinal: number;
  /** Whether it changes anything on the disk. */
  readonly changes: boolean;
  /** At which places of its program it is done; none if that does not say. */
  readonly points: readonly string[];
  /** Of a write. */
  readonly bytes: Uint8Array | undefined;
  /** Of the process that does it. */
  readonly pid: number;
}

/** An operation in the midst of which its process dies. */
export interface DiskCrash {
  /** How much of it reaches the kernel; of a write a number of bytes. */
  readonly effect: 'none' | 'whole' | number;
  /** Ends the process, or more than that. */
  readonly strike: () => void;
}

/** Operations that fail, until the fault is over or removed. */
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
  /** Reads of some files; undefined: all are alike. */
  slowReads: { readonly path: RegExp; readonly latency: Span } | undefined;
  /** Called before each operation takes effect: the place to kill a node at any operation. */
  onOperation: ((operation: DiskOperation) => void) | undefined;
  /** Called after that, for each operation that changes the disk: how to die in the midst of it. */
  crashAt: ((operation: DiskOperation) => DiskCrash | undefined) | undefined;
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

  /** Counts an operation that is about to begin. */
  nextOrdinal(): number {
    this.#operations += 1;
    return this.#operations;
  }

  /** An operation is about to take effect. */
  begin(operation: DiskOperation): DiskCrash | undefined {
    this.onOperation?.(operation);
    return operation.changes ? this.crashAt?.(operation) : undefined;
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

  delayMs(kind: DiskOperationKind, path: string): Millis {
    const syncs = kind === 'sync' || kind === 'sync-directory';
    const usual = syncs ? this.syncLatency : this.latency;
    const isSlow = kind === 'read' && this.slowReads?.path.test(path) === true;
    const { minMs, maxMs } = (isSlow ? this.slowReads?.latency : undefined) ?? usual;
    return this.#random.within(minMs, maxMs);
  }

  /** Whether an operation in flight still reached the kernel when its process was killed. */
  reachedKernel(): boolean {
    return this.#random.chance(0.5);
  }

  crash(survival: Survival = bySeed(this.#random)): void {
    this.locks.clear();
    this.fileSystem.crash(survival);
  }
}
