import type { Future } from '../../libprocess/future.ts';
import type { MasterInfo, Registry, SlaveID, SlaveInfo, TimeInfo } from '../../proto/index.ts';

/** A change of the registry. Each names an agent that must be where the operation says. */
export type RegistryOperation =
  /** A new agent; refused if the id is known in any list. */
  | { readonly kind: 'admitSlave'; readonly info: SlaveInfo }
  /** What an agent says of itself has changed. */
  | { readonly kind: 'updateSlave'; readonly info: SlaveInfo }
  /** Out of the admitted ones, for good. */
  | { readonly kind: 'removeSlave'; readonly id: SlaveID }
  /** From the admitted to the unreachable ones. */
  | { readonly kind: 'markSlaveUnreachable'; readonly id: SlaveID; readonly since: TimeInfo }
  /** Back among the admitted ones, also if the list of the unreachable has forgotten it. */
  | { readonly kind: 'markSlaveReachable'; readonly info: SlaveInfo }
  | { readonly kind: 'markSlaveGone'; readonly id: SlaveID; readonly since: TimeInfo }
  /** Forgets agents that have been unreachable or gone for long. */
  | {
      readonly kind: 'prune';
      readonly unreachable: readonly SlaveID[];
      readonly gone: readonly SlaveID[];
    };

/** What the master keeps beyond its own life, as its actor sees it. */
export interface Registrar {
  /** Reads the registry and enters this master as the leader; once, before any `apply`. */
  recover(info: MasterInfo): Future<Registry>;
  /**
   * Ready once the change is durable: whether the registry was changed by it. Operations take
   * effect in the order in which they were asked for. Fails if the registry cannot be written, or
   * another master leads: this one has to end.
   */
  apply(operation: RegistryOperation): Future<boolean>;
}
