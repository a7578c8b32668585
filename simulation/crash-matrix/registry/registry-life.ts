import {
  admitSlave,
  markSlaveGone,
  markSlaveReachable,
  markSlaveUnreachable,
  prune,
  removeSlave,
  updateSlave,
  type RegistryOperation,
} from '../../../master/registrar/index.ts';
import type { Registry, SlaveInfo } from '../../../proto/index.ts';

/** Where each agent is, as text: `admitted on host-1`, `unreachable`, `gone`. */
export type Places = ReadonlyMap<string, string>;

export interface RegistryStep {
  readonly operation: RegistryOperation;
  /** What it comes to, told without the registry's own code. */
  readonly becomes: readonly (readonly [id: string, place: string | undefined])[];
}

const AT = { nanoseconds: 1_000n };
const info = (id: string, hostname: string): SlaveInfo => ({ hostname, id: { value: id } });

const admit = (id: string, host: string): RegistryStep => ({
  operation: admitSlave(info(id, host)),
  becomes: [[id, `admitted on ${host}`]],
});
const update = (id: string, host: string): RegistryStep => ({
  operation: updateSlave(info(id, host)),
  becomes: [[id, `admitted on ${host}`]],
});
const unreachable = (id: string): RegistryStep => ({
  operation: markSlaveUnreachable(info(id, ''), AT),
  becomes: [[id, 'unreachable']],
});
const reachable = (id: string, host: string): RegistryStep => ({
  operation: markSlaveReachable(info(id, host)),
  becomes: [[id, `admitted on ${host}`]],
});
const remove = (id: string): RegistryStep => ({
  operation: removeSlave(info(id, '')),
  becomes: [[id, undefined]],
});
const gone = (id: string): RegistryStep => ({
  operation: markSlaveGone(id, AT),
  becomes: [[id, 'gone']],
});
const forget = (lost: readonly string[], away: readonly string[]): RegistryStep => ({
  operation: prune(lost, away),
  becomes: [...lost, ...away].map((id) => [id, undefined] as const),
});

/** All that a registry is ever told, each operation with every other before it and after it. */
export const REGISTRY_LIFE: readonly RegistryStep[] = [
  admit('S1', 'host-1'),
  admit('S2', 'host-2'),
  update('S1', 'host-1b'),
  unreachable('S2'),
  admit('S3', 'host-3'),
  reachable('S2', 'host-2'),
  unreachable('S3'),
  gone('S2'),
  forget(['S3'], []),
  admit('S4', 'host-4'),
  admit('S5', 'host-5'),
  unreachable('S5'),
  forget([], ['S2']),
  reachable('S5', 'host-5b'),
  update('S4', 'host-4b'),
  remove('S1'),
  gone('S4'),
];

/** After each number of steps. */
export const PLACES: readonly Places[] = Array.from(
  { length: REGISTRY_LIFE.length + 1 },
  (_, steps) => {
    const places = new Map<string, string>();
    for (const [id, place] of REGISTRY_LIFE.slice(0, steps).flatMap((step) => step.becomes)) {
      if (place === undefined) places.delete(id);
      else places.set(id, place);
    }
    return places;
  },
);

export function placesIn({ slaves, unreachable: lost, gone: away }: Registry): Places {
  return new Map([
    ...(slaves?.slaves ?? []).map(
      (slave) => [slave.info.id?.value ?? '', `admitted on ${slave.info.hostname}`] as const,
    ),
    ...(lost?.slaves ?? []).map(({ id }) => [id.value, 'unreachable'] as const),
    ...(away?.slaves ?? []).map(({ id }) => [id.value, 'gone'] as const),
  ]);
}

export const describePlaces = (places: Places): string =>
  [...places]
    .map(([id, place]) => `${id} ${place}`)
    .sort()
    .join(', ');
