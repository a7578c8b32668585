import {
  InMemoryStorage,
  type Entry,
  type NewEntry,
  type SetOutcome,
  type Storage,
} from '../../master/registrar/index.ts';
import { Registry, type SlaveInfo, type TimeInfo } from '../../proto/index.ts';

/**
 * A registry that is durable as long as the test holds it: give it to one master after another.
 * `hold` keeps writes from completing until they are released, as a slow disk would.
 */
export class HeldStorage implements Storage {
  readonly #storage = new InMemoryStorage();
  #registry: Registry = {};
  #held: (() => void)[] | undefined;
  /** How often the registry was written. */
  writes = 0;

  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const proceed of held) proceed();
  }

  /** Agents in the registry, by id. */
  get admitted(): ReadonlyMap<string, SlaveInfo> {
    const slaves = this.#registry.slaves?.slaves ?? [];
    return new Map(slaves.map(({ info }) => [info.id?.value ?? '', info]));
  }

  /** Since when agents are unreachable, by id. */
  get unreachable(): ReadonlyMap<string, TimeInfo> {
    const slaves = this.#registry.unreachable?.slaves ?? [];
    return new Map(slaves.map(({ id, timestamp }) => [id.value, timestamp]));
  }

  get(name: string): Promise<Entry | undefined> {
    return this.#storage.get(name);
  }

  async set(entry: NewEntry, expected: string | undefined): Promise<SetOutcome> {
    const held = this.#held;
    if (held) await new Promise<void>((resolve) => held.push(resolve));
    const outcome = await this.#storage.set(entry, expected);
    if (outcome === 'stored') {
      this.#registry = Registry.decode(Buffer.concat(entry.chunks));
      this.writes += 1;
    }
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
