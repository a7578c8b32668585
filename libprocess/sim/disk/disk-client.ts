import { DiskError, RuntimeError } from '../../errors.ts';
import { FileSystemError } from '../file-system/errors.ts';
import type { FileInode } from '../file-system/inode.ts';
import type { Incarnation } from '../incarnation.ts';
import type { WritePoints } from '../../disk.ts';
import type { DiskCrash, DiskOperationKind, MachineDisk } from './machine-disk.ts';

/** What a system call changes on the disk. */
export interface Change {
  /** Where in the program; undefined if it does not say. */
  readonly points: WritePoints | undefined;
  /** Of a write: what may be written in part. */
  readonly bytes?: Uint8Array;
  readonly part?: (lengthBytes: number) => void;
}

export interface Step<T> {
  readonly kind: DiskOperationKind;
  readonly path: string;
  /** What was tried, for the message of an error: `open '/a'`. */
  readonly what: string;
  readonly action: () => T;
  /** What an injected failure does to the disk. */
  readonly onFault?: () => void;
  /** Absent: it only looks. */
  readonly change?: Change;
}

/**
 * The system calls of one process. Each takes effect in one instant, some time after it was made.
 * When the process is killed, those in flight take effect or not, by the seed, and nobody hears.
 */
export class DiskClient {
  readonly incarnation: Incarnation;
  readonly disk: MachineDisk;
  readonly pid: number;
  readonly #pending = new Set<Step<unknown>>();
  readonly #open = new Set<FileInode>();
  readonly #locks = new Set<number>();

  constructor(incarnation: Incarnation, disk: MachineDisk, pid: number) {
    this.incarnation = incarnation;
    this.disk = disk;
    this.pid = pid;
    incarnation.onEnd(() => this.#processEnded());
  }

  call<T>(step: Step<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.incarnation.alive) return;
      this.#pending.add(step);
      this.incarnation.after(this.disk.delayMs(step.kind, step.path), () => {
        if (!this.#pending.has(step)) return;
        const crash = this.#begin(step);
        if (!this.#pending.delete(step)) return;
        if (crash) {
          this.#crashed(step, crash);
          return;
        }
        const outcome = this.#perform(step);
        if (outcome instanceof RuntimeError) reject(outcome);
        else resolve(outcome.value);
      });
    });
  }

  opened(file: FileInode): void {
    this.#open.add(file);
  }

  closed(file: FileInode): void {
    if (this.#open.delete(file)) this.disk.fileSystem.close(file);
  }

  locked(directory: number): void {
    const { pid } = this;
    this.#locks.add(directory);
    this.disk.locks.set(directory, { pid });
  }

  unlocked(directory: number): void {
    if (this.#locks.delete(directory)) this.disk.locks.delete(directory);
  }

  #begin({ kind, path, change }: Step<unknown>): DiskCrash | undefined {
    const points = change?.points;
    return this.disk.begin({
      kind,
      path,
      ordinal: this.disk.nextOrdinal(),
      changes: change !== undefined,
      points: points === undefined ? NO_POINTS : namesOf(points),
      bytes: change?.bytes,
      pid: this.pid,
    });
  }

  /** The process dies in the midst of the call. */
  #crashed(step: Step<unknown>, { effect, strike }: DiskCrash): void {
    if (typeof effect === 'number') step.change?.part?.(effect);
    else if (effect === 'whole') this.#perform(step);
    strike();
  }

  #perform<T>(step: Step<T>): { readonly value: T } | RuntimeError {
    const code = this.disk.fault(step.kind, step.path);
    this.incarnation.record(`disk ${step.kind} ${step.path}${code ? ` ${code}` : ''}`);
    try {
      if (code) {
        step.onFault?.();
        throw new FileSystemError(code);
      }
      return { value: step.action() };
    } catch (cause) {
      if (cause instanceof RuntimeError) return cause;
      if (!(cause instanceof FileSystemError)) throw cause;
      return new DiskError(cause.code, `Failed to ${step.what}: ${cause.message}`, cause);
    }
  }

  #processEnded(): void {
    for (const step of this.#pending) if (this.disk.reachedKernel()) this.#perform(step);
    this.#pending.clear();
    for (const file of this.#open) this.disk.fileSystem.close(file);
    this.#open.clear();
    for (const directory of this.#locks) this.disk.locks.delete(directory);
    this.#locks.clear();
  }
}

const NO_POINTS: readonly string[] = [];

function namesOf(points: WritePoints): readonly string[] {
  if (typeof points === 'string') return [points];
  return [...new Set(typeof points === 'function' ? points() : points)];
}
