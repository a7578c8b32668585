import type { Entry, NewEntry, SetOutcome, Storage } from '../../master/registrar/storage.ts';
import type { History } from './history.ts';

/** A storage that tells what was asked of it, and answers as the one behind it does. */
export class WatchedStorage implements Storage {
  readonly #storage: Storage;
  readonly #history: History;

  constructor(storage: Storage, history: History) {
    this.#storage = storage;
    this.#history = history;
  }

  async get(name: string): Promise<Entry | undefined> {
    const entry = await this.#storage.get(name);
    this.#history.see({ kind: 'fetched', entry });
    return entry;
  }

  async set(entry: NewEntry, expected: string | undefined): Promise<SetOutcome> {
    const { version, epoch, chunks } = entry;
    const outcome = await this.#storage.set(entry, expected);
    const value = new Uint8Array(Buffer.concat(chunks));
    this.#history.see({ kind: 'stored', entry: { version, epoch, value }, expected, outcome });
    return outcome;
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#storage[Symbol.asyncDispose]();
  }
}
