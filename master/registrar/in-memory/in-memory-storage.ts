import { outcomeOf, type Entry, type NewEntry, type SetOutcome, type Storage } from '../storage.ts';

/** For tests, and for a master run with `--registry=in_memory`: nothing outlives the process. */
export class InMemoryStorage implements Storage {
  readonly #entries = new Map<string, Entry>();

  async get(name: string): Promise<Entry | undefined> {
    const entry = this.#entries.get(name);
    return entry && { ...entry, value: entry.value.slice() };
  }

  async set(entry: NewEntry, expected: string | undefined): Promise<SetOutcome> {
    const { name, version, epoch, chunks } = entry;
    const outcome = outcomeOf(this.#entries.get(name), epoch, expected);
    if (outcome === 'stored') {
      const value = new Uint8Array(Buffer.concat(chunks));
      this.#entries.set(name, { name, version, epoch, value });
    }
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#entries.clear();
  }
}
