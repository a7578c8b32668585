import {
  SlaveInfo,
  type MasterInfo,
  type RegistrySlave,
  type RegistryUnreachableSlave,
  type TimeInfo,
} from '../../proto/index.ts';
import type { RegistryState } from './registry-state.ts';

/** What an operation did; a refused one did nothing. */
export type Outcome =
  | { readonly kind: 'changed' }
  /** It holds already. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly reason: string };

/** A change to the registry. Applies it in memory; the registrar makes it durable. */
export interface RegistryOperation {
  /** For logs. */
  readonly name: string;
  apply(registry: RegistryState): Outcome;
}

const CHANGED: Outcome = { kind: 'changed' };
const UNCHANGED: Outcome = { kind: 'unchanged' };
const refused = (reason: string): Outcome => ({ kind: 'refused', reason });

function operation(name: string, apply: (registry: RegistryState) => Outcome): RegistryOperation {
  return { name, apply };
}

/** The first operation of every leader. */
export const recoverMaster = (info: MasterInfo, epoch: number): RegistryOperation =>
  operation('recover', (registry) => {
    registry.rest = { ...registry.rest, master: { info }, epoch };
    return CHANGED;
  });

/** A new agent. */
export const admitSlave = (info: SlaveInfo): RegistryOperation =>
  withId('admit', info, (registry, id) => {
    if (registry.admitted.has(id)) return refused(`Agent ${id} is admitted already`);
    registry.admitted.set(id, { info });
    return CHANGED;
  });

/** An admitted agent with another SlaveInfo: resources, attributes or a domain were added. */
export const updateSlave = (info: SlaveInfo): RegistryOperation =>
  withId('update', info, (registry, id) => {
    const slave = registry.admitted.get(id);
    if (!slave) return refused(`Agent ${id} is not admitted`);
    if (equal(slave.info, info)) return UNCHANGED;
    registry.admitted.set(id, { ...slave, info });
    return CHANGED;
  });

/** An admitted agent that has not answered. */
export const markSlaveUnreachable = (info: SlaveInfo, timestamp: TimeInfo): RegistryOperation =>
  withId('mark unreachable', info, (registry, id) => {
    const slave = registry.admitted.get(id);
    if (!slave) return refused(`Agent ${id} is not admitted`);
    registry.admitted.delete(id);
    registry.unreachable.set(id, { ...drainOf(slave), id: { value: id }, timestamp });
    return CHANGED;
  });

/** An agent that is back; one of which nothing is known, too: its entry may have been pruned. */
export const markSlaveReachable = (info: SlaveInfo): RegistryOperation =>
  withId('mark reachable', info, (registry, id) => {
    if (registry.admitted.has(id)) return UNCHANGED;
    const unreachable = registry.unreachable.get(id);
    registry.unreachable.delete(id);
    registry.admitted.set(id, { ...(unreachable && drainOf(unreachable)), info });
    return CHANGED;
  });

/** An admitted agent that has unregistered. */
export const removeSlave = (info: SlaveInfo): RegistryOperation =>
  withId('remove', info, (registry, id) =>
    registry.admitted.delete(id) ? CHANGED : refused(`Agent ${id} is not admitted`),
  );

/** An agent that an operator says will never come back. */
export const markSlaveGone = (id: string, timestamp: TimeInfo): RegistryOperation =>
  operation('mark gone', (registry) => {
    if (registry.gone.has(id)) return refused(`Agent ${id} is gone already`);
    const known = [registry.admitted.delete(id), registry.unreachable.delete(id)].includes(true);
    if (!known) return refused(`Agent ${id} is neither admitted nor unreachable`);
    registry.gone.set(id, { id: { value: id }, timestamp });
    return CHANGED;
  });

/** Forgets agents that have been unreachable or gone for long. */
export const prune = (unreachable: Iterable<string>, gone: Iterable<string>): RegistryOperation =>
  operation('prune', (registry) => {
    let changed = false;
    for (const id of unreachable) changed = registry.unreachable.delete(id) || changed;
    for (const id of gone) changed = registry.gone.delete(id) || changed;
    return changed ? CHANGED : UNCHANGED;
  });

function withId(
  name: string,
  info: SlaveInfo,
  apply: (registry: RegistryState, id: string) => Outcome,
): RegistryOperation {
  return operation(name, (registry) =>
    info.id ? apply(registry, info.id.value) : refused('The agent has no id'),
  );
}

/** What goes with an agent from list to list. */
function drainOf(
  slave: RegistrySlave | RegistryUnreachableSlave,
): Pick<RegistrySlave, 'drain_info' | 'deactivated'> {
  const { drain_info, deactivated } = slave;
  return {
    ...(drain_info && { drain_info }),
    ...(deactivated !== undefined && { deactivated }),
  };
}

function equal(a: SlaveInfo, b: SlaveInfo): boolean {
  return a === b || Buffer.compare(SlaveInfo.encode(a), SlaveInfo.encode(b)) === 0;
}
