import { DiskError, RuntimeError } from '../../errors.ts';
import { FileSystemError } from '../file-system/errors.ts';
import type { FileInode } from '../file-system/inode.ts';
import type { Incarnation } from '../incarnation.ts';
import type { DiskOperationKind, MachineDisk } from './machine-disk.ts';

export interface Step<T> {
  readonly kind: DiskOperationKind;
  readonly path: string;
  /** What was tried, for the message of an error: `open '/a'`. */
  readonly what: string;
  readonly action: () => T;
  /** What an injected failure does to the disk. */
  readonly onFault?: () => void;
}

/**
 * The system calls of one process. Each takes effect in one instant, some time after it was made.
 * When the process is killed, those in flight take effect or not, by the seed, and nobody hears.
 */
export class DiskClient {
  readonly incarnation: Incarnation;
  readonly disk: MachineDisk;
  readonly #pending = new Set<Step<unknown>>();
  readonly #open = new Set<FileInode>();
  readonly #locks = new Set<number>();

  constructor(incarnation: Incarnation, disk: MachineDisk) {
    this.incarnation = incarnation;
    this.disk = disk;
    incarnation.onEnd(() => this.#processEnded());
  }

  call<T>(step: Step<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.incarnation.alive) return;
      this.#pending.add(step);
      this.incarnation.after(this.disk.delayMs(step.kind), () => {
        if (!this.#pending.has(step)) return;
        this.disk.begin(step.kind, step.path);
        if (!this.#pending.delete(step)) return;
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

  locked(directory: number, pid: number): void {
    this.#locks.add(directory);
    this.disk.locks.set(directory, { pid });
  }

  unlocked(directory: number): void {
    if (this.#locks.delete(directory)) this.disk.locks.delete(directory);
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
