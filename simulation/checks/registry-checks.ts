import type { Millis } from '../../libprocess/clock.ts';
import {
  LostSlaveMessage,
  PongSlaveMessage,
  RegisterSlaveMessage,
  Registry,
  SlaveRegisteredMessage,
  SlaveReregisteredMessage,
  StatusUpdateMessage,
  UnregisterSlaveMessage,
  type TaskStatus,
} from '../../proto/index.ts';
import type { EventOf, History, NodeLife } from './history.ts';
import { PerLife } from './per-life.ts';

/** What the registry may forget of agents that do not come back. */
export interface RegistryLimits {
  readonly agentCountMax: number;
  readonly agentAgeMsMax: Millis;
  readonly onForgotten?: (agentId: string) => void;
}

/** The lists of the registry, as they are stored. */
export interface StoredRegistry {
  readonly version: string | undefined;
  readonly epoch: number;
  readonly leader: string | undefined;
  readonly admitted: ReadonlySet<string>;
  /** By id, since when, in nanoseconds. */
  readonly unreachable: ReadonlyMap<string, bigint>;
  readonly gone: ReadonlyMap<string, bigint>;
}

const NOTHING: StoredRegistry = {
  version: undefined,
  epoch: 0,
  leader: undefined,
  admitted: new Set(),
  unreachable: new Map(),
  gone: new Map(),
};

/** Less than five pings, 15 s apart. */
const SILENT_MS: Millis = 55_000;
/** It may have taken so long to store what was decided; an answer that comes meanwhile is too late. */
const DECIDED_MS: Millis = 22_000;
const PONGS_REMEMBERED = 8;

const NANOSECONDS_PER_MS = 1_000_000n;

/**
 * G1, G3, G5, M1, M4, M5, M12 and R6 over the registry's storage and what masters say: each version
 * follows from the one before, by the rules; nobody hears of an agent what is not stored; ids do not
 * come again.
 */
export class RegistryChecks {
  readonly #history: History;
  readonly #limits: RegistryLimits;
  #stored = NOTHING;
  /** Agents that may leave the registry: they said good-bye, or others came to their address. */
  readonly #leaving = new Set<string>();
  /** How often each address has asked for an id since it was given one. */
  readonly #asked = new Map<string, number>();
  /** The address that each id was given to. */
  readonly #owners = new Map<string, string>();
  /** The id that each address was given last. */
  readonly #present = new Map<string, string>();
  /** When each address has answered pings of late. */
  readonly #pongs = new Map<string, Millis[]>();
  /** Agents that have spoken to one life of a master, which may answer for them. */
  readonly #known = new PerLife<Set<string>>(() => new Set());

  constructor(history: History, limits: RegistryLimits) {
    this.#history = history;
    this.#limits = limits;
    history.on('fetched', ({ entry }) => {
      if (entry?.version !== this.#stored.version)
        history.violated('G1', `version '${String(entry?.version)}' is read, and not the last`);
    });
    history.on('stored', (event) => this.#wrote(event));
    history.onMessage('delivered', RegisterSlaveMessage, (_, { message }) => {
      const { address: from } = message.from;
      this.#asked.set(from, (this.#asked.get(from) ?? 0) + 1);
      for (const [id, address] of this.#owners) if (address === from) this.#leaving.add(id);
    });
    history.onMessage('delivered', UnregisterSlaveMessage, ({ slave_id }) => {
      this.#leaving.add(slave_id.value);
    });
    history.onMessage('sent', SlaveRegisteredMessage, ({ slave_id }, { node, message }) => {
      this.#welcomed(slave_id.value, node, message.to.address);
    });
    history.onMessage('sent', SlaveReregisteredMessage, ({ slave_id }, { node, message }) => {
      this.#welcomed(slave_id.value, node, message.to.address);
    });
    history.onMessage('delivered', PongSlaveMessage, (_, { message }) => {
      const pongs = this.#pongs.get(message.from.address) ?? [];
      this.#pongs.set(message.from.address, [...pongs.slice(1 - PONGS_REMEMBERED), history.nowMs]);
    });
    history.onMessage('sent', LostSlaveMessage, ({ slave_id }) => {
      if (this.#stored.admitted.has(slave_id.value))
        history.violated('M5', `agent '${slave_id.value}' is lost, and stands in the registry`);
    });
    history.onMessage('sent', StatusUpdateMessage, ({ update }, { node, message }) => {
      if (message.from.id === 'master' && !update.uuid) this.#said(update.status, node);
    });
  }

  get stored(): StoredRegistry {
    return this.#stored;
  }

  #wrote({ entry, expected, outcome }: EventOf<'stored'>): void {
    const before = this.#stored;
    const due = expectedOutcome(before, entry.epoch, expected);
    if (outcome !== due)
      this.#history.violated('G1', `a write is '${outcome}' and should be '${due}'`);
    if (outcome !== 'stored') return;
    const after = readRegistry(entry);
    this.#stored = after;
    if (after.epoch === before.epoch && after.leader !== before.leader)
      this.#history.violated('M1', `two leaders write in epoch ${String(after.epoch)}`);
    this.#checkPlaces(after);
    for (const id of before.admitted) this.#checkLeft(id, before, after);
    for (const id of before.unreachable.keys()) {
      if (!after.unreachable.has(id)) this.#checkReturned(id, before, after);
    }
    for (const id of after.unreachable.keys()) {
      if (!before.unreachable.has(id)) this.#checkSilent(id);
    }
    for (const id of before.gone.keys()) {
      if (after.admitted.has(id) || after.unreachable.has(id))
        this.#history.violated('R6', `agent '${id}' was gone and is admitted again`);
    }
  }

  #checkPlaces({ admitted, unreachable, gone }: StoredRegistry): void {
    for (const id of [...unreachable.keys(), ...gone.keys()]) {
      const places = [admitted.has(id), unreachable.has(id), gone.has(id)].filter(Boolean).length;
      if (places !== 1)
        this.#history.violated('M4', `agent '${id}' is in ${String(places)} lists of the registry`);
    }
  }

  /** M4: an agent is unreachable when five pings in a row were not answered. */
  #checkSilent(id: string): void {
    const address = this.#owners.get(id) ?? '';
    if (this.#present.get(address) !== id) return; // Somebody else answers there.
    const { nowMs } = this.#history;
    const answered = this.#pongs
      .get(address)
      ?.some((atMs) => atMs > nowMs - SILENT_MS && atMs < nowMs - DECIDED_MS);
    if (answered === true)
      this.#history.violated('M4', `agent '${id}' answers pings, and is marked unreachable`);
  }

  #checkLeft(id: string, _before: StoredRegistry, after: StoredRegistry): void {
    if (after.admitted.has(id) || after.unreachable.has(id) || after.gone.has(id)) return;
    // It was admitted while its agent was started again: nobody was told of it, and somebody has asked twice.
    if (!this.#owners.has(id) && [...this.#asked.values()].some((times) => times > 1)) return;
    if (!this.#leaving.delete(id))
      this.#history.violated('G1', `agent '${id}' has vanished from the registry`);
  }

  /** G5: only what is too much or too old is forgotten, oldest first. */
  #checkReturned(id: string, before: StoredRegistry, after: StoredRegistry): void {
    if (after.admitted.has(id) || after.gone.has(id)) return;
    const since = before.unreachable.get(id) ?? 0n;
    const newest = [...before.unreachable.values()].reduce((a, b) => (a > b ? a : b), 0n);
    const older = [...after.unreachable.values()].some((other) => other < since);
    const tooMany = before.unreachable.size > this.#limits.agentCountMax;
    const tooOld = newest - since > BigInt(this.#limits.agentAgeMsMax) * NANOSECONDS_PER_MS;
    if (older || (!tooMany && !tooOld))
      this.#history.violated('G5', `agent '${id}' is forgotten before its time`);
    else this.#limits.onForgotten?.(id);
  }

  /** An agent hears that it is registered: that must be stored, and the id be its own. */
  #welcomed(id: string, node: NodeLife, address: string): void {
    if (!this.#stored.admitted.has(id))
      this.#history.violated('G1', `agent '${id}' is welcome, and does not stand in the registry`);
    const owner = this.#owners.get(id);
    if (owner !== undefined && owner !== address)
      this.#history.violated('R6', `id '${id}' of '${owner}' is given to '${address}'`);
    this.#owners.set(id, address);
    this.#asked.delete(address);
    this.#present.set(address, id);
    this.#known.of(node).add(id);
  }

  /** What a master says by itself, not for an agent. */
  #said({ state, reason, slave_id, task_id }: TaskStatus, node: NodeLife): void {
    const id = slave_id?.value ?? '';
    const { admitted, gone } = this.#stored;
    const lost = state === 'TASK_UNREACHABLE' || reason === 'REASON_SLAVE_REMOVED';
    const says = `task '${task_id.value}' is told ${state}`;
    if (lost && admitted.has(id))
      this.#history.violated('M5', `${says}, and its agent '${id}' stands in the registry`);
    if (state === 'TASK_GONE_BY_OPERATOR' && !gone.has(id))
      this.#history.violated('M5', `${says}, and its agent '${id}' is not gone in the registry`);
    const away = admitted.has(id) && !this.#known.of(node).has(id);
    if (reason === 'REASON_RECONCILIATION' && away)
      this.#history.violated('M12', `${says}, and its agent '${id}' may yet come back`);
  }
}

function expectedOutcome(
  { epoch, version }: StoredRegistry,
  writes: number,
  expected: string | undefined,
): EventOf<'stored'>['outcome'] {
  if (writes < epoch) return 'fenced';
  return version === expected ? 'stored' : 'changed';
}

function readRegistry({ version, epoch, value }: EventOf<'stored'>['entry']): StoredRegistry {
  const { master, slaves, unreachable, gone } = Registry.decode(value);
  const since = (list: typeof unreachable | typeof gone): ReadonlyMap<string, bigint> =>
    new Map(list?.slaves?.map(({ id, timestamp }) => [id.value, timestamp.nanoseconds]));
  return {
    version,
    epoch,
    leader: master?.info.id,
    admitted: new Set(slaves?.slaves?.map(({ info }) => info.id?.value ?? '')),
    unreachable: since(unreachable),
    gone: since(gone),
  };
}
