import type { Survival } from './survival.ts';

/** One change that has not been made durable, with what it takes to undo it. */
interface Change {
  readonly sequence: number;
  readonly offset: number;
  /** Undefined: the file was cut or grown to `offset`. */
  readonly bytes: Uint8Array | undefined;
  readonly replaced: Uint8Array;
  readonly sizeBefore: number;
  /** `lost`: a sync failed, so the pages are clean in memory and never reach the disk. */
  state: 'cached' | 'durable' | 'lost';
}

/**
 * The bytes of a file as every process sees them, and the changes that a power cut may take back:
 * any suffix of the unsynced ones, the last survivor torn at any byte.
 */
export class FileContents {
  #bytes = new Uint8Array(0);
  #size = 0;
  #changes: Change[] = [];
  #sequence = 0;

  get size(): number {
    return this.#size;
  }

  /** Names the present moment for a later `sync`. */
  get sequence(): number {
    return this.#sequence;
  }

  get unsynced(): boolean {
    return this.#changes.some(({ state }) => state !== 'durable');
  }

  read(offset: number, lengthBytes: number): Uint8Array {
    return this.#bytes.slice(
      Math.min(offset, this.#size),
      Math.min(offset + lengthBytes, this.#size),
    );
  }

  write(offset: number, bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#note(offset, bytes.slice(), offset + bytes.byteLength);
    this.#put(offset, bytes);
  }

  truncate(size: number): void {
    if (size === this.#size) return;
    this.#note(size, undefined, this.#size);
    this.#cut(size);
  }

  /** Makes durable what was written up to `sequence`. */
  sync(sequence: number): void {
    for (const change of this.#changes) {
      if (change.state === 'cached' && change.sequence <= sequence) change.state = 'durable';
    }
    const first = this.#changes.findIndex(({ state }) => state !== 'durable');
    this.#changes = first < 0 ? [] : this.#changes.slice(first);
  }

  /** A sync failed: what it covered stays readable, and is gone at the next power cut. */
  lose(sequence: number): void {
    for (const change of this.#changes) {
      if (change.state === 'cached' && change.sequence <= sequence) change.state = 'lost';
    }
  }

  /** What any power cut leaves at least. */
  durable(): Uint8Array {
    if (this.#changes.length === 0) return this.#bytes.subarray(0, this.#size);
    const kept = new FileContents();
    kept.#put(0, this.#bytes.subarray(0, this.#size));
    for (const change of this.#changes.toReversed()) kept.#undo(change);
    for (const change of this.#changes) if (change.state === 'durable') kept.#redo(change);
    return kept.#bytes.subarray(0, kept.#size);
  }

  crash(survival: Survival): void {
    const changes = this.#changes;
    this.#changes = [];
    for (const change of changes.toReversed()) this.#undo(change);
    const cached = changes.filter(({ state }) => state === 'cached');
    const kept = survival.changes(cached.length);
    const survivors = new Set(cached.slice(0, kept));
    const torn = cached[kept];
    for (const change of changes) {
      if (change.state === 'durable' || survivors.has(change)) this.#redo(change);
      else if (change === torn && change.bytes) {
        const length = survival.tornBytes(change.bytes.byteLength);
        this.#put(change.offset, change.bytes.subarray(0, length));
      }
    }
  }

  /** What lies there for long rots: nobody has written this. */
  flipBit(offset: number, bit: number): void {
    this.#bytes[offset] = (this.#bytes[offset] ?? 0) ^ (1 << bit);
  }

  #note(offset: number, bytes: Uint8Array | undefined, end: number): void {
    this.#sequence += 1;
    this.#changes.push({
      sequence: this.#sequence,
      offset,
      bytes,
      replaced: this.read(offset, Math.max(0, end - offset)),
      sizeBefore: this.#size,
      state: 'cached',
    });
  }

  #undo(change: Change): void {
    this.#cut(change.sizeBefore);
    this.#put(change.offset, change.replaced);
  }

  #redo(change: Change): void {
    if (change.bytes) this.#put(change.offset, change.bytes);
    else this.#cut(change.offset);
  }

  #put(offset: number, bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#reserve(offset + bytes.byteLength);
    this.#bytes.set(bytes, offset);
    this.#size = Math.max(this.#size, offset + bytes.byteLength);
  }

  #cut(size: number): void {
    this.#reserve(size);
    // What lies beyond the end must read as zeros if the file grows again.
    if (size < this.#size) this.#bytes.fill(0, size, this.#size);
    this.#size = size;
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.byteLength) return;
    const grown = new Uint8Array(Math.max(size, 2 * this.#bytes.byteLength));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
