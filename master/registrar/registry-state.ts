import {
  Registry,
  RegistryGoneSlave,
  RegistrySlave,
  RegistryUnreachableSlave,
} from '../../proto/index.ts';
import { RegistryList } from './registry-list.ts';

/** Field numbers of the lists in `Registry`. */
const SLAVES = 2;
const UNREACHABLE = 7;
const GONE = 8;

/** The registry while a master leads: a `Registry` whose lists are kept by agent id. */
export class RegistryState {
  readonly admitted = new RegistryList(RegistrySlave);
  readonly unreachable = new RegistryList(RegistryUnreachableSlave);
  readonly gone = new RegistryList(RegistryGoneSlave);
  /** All but the lists. */
  rest: Omit<Registry, 'slaves' | 'unreachable' | 'gone'>;

  constructor(registry: Registry = {}) {
    const { slaves, unreachable, gone, ...rest } = registry;
    this.rest = rest;
    for (const slave of slaves?.slaves ?? []) {
      if (slave.info.id) this.admitted.set(slave.info.id.value, slave);
    }
    for (const slave of unreachable?.slaves ?? []) this.unreachable.set(slave.id.value, slave);
    for (const slave of gone?.slaves ?? []) this.gone.set(slave.id.value, slave);
  }

  toRegistry(): Registry {
    return {
      ...this.rest,
      slaves: { slaves: this.admitted.messages() },
      unreachable: { slaves: this.unreachable.messages() },
      gone: { slaves: this.gone.messages() },
    };
  }

  /**
   * The encoded `Registry` in pieces, one for each agent; unchanged ones are the same objects each
   * time. The admitted agents, who come and go most, stand last.
   */
  encode(): Uint8Array[] {
    const chunks = [Registry.encode(this.rest)];
    if (this.unreachable.size > 0) this.unreachable.encode(UNREACHABLE, chunks);
    if (this.gone.size > 0) this.gone.encode(GONE, chunks);
    if (this.admitted.size > 0) this.admitted.encode(SLAVES, chunks);
    return chunks;
  }
}
