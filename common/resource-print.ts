import type { Label, ResourceDiskInfo, ResourceReservationInfo, Volume } from '../proto/index.ts';
import { printRanges } from './ranges.ts';
import type { Entry } from './resource-entry.ts';
import type { ResourceKind } from './resource-kind.ts';
import { printMilli } from './scalars.ts';
import { printItems } from './values.ts';

/** `cpus(allocated: web)(reservations: [(DYNAMIC,web,ops)]):4`; shared ones end with their count. */
export const printEntry = (entry: Entry): string =>
  `${printKind(entry.kind)}${entry.kind.shared ? `<${entry.copies}>` : ''}:${printAmount(entry)}`;

function printKind(kind: ResourceKind): string {
  const parts = [kind.name];
  if (kind.allocationRole !== undefined) parts.push(`(allocated: ${kind.allocationRole})`);
  if (kind.isReserved) {
    parts.push(`(reservations: [${kind.reservations.map(printReservation).join(',')}])`);
  }
  if (kind.disk) parts.push(`[${printDisk(kind.disk)}]`);
  if (kind.revocable) parts.push('{REV}');
  if (kind.shared) parts.push('<SHARED>');
  return parts.join('');
}

export function printAmount(entry: Entry): string {
  switch (entry.kind.type) {
    case 'SCALAR':
      return printMilli(entry.milli);
    case 'RANGES':
      return printRanges(entry.ranges);
    case 'SET':
      return printItems(entry.items);
  }
}

function printReservation({ type, role, principal, labels }: ResourceReservationInfo): string {
  const parts: string[] = [type ?? 'UNKNOWN', role ?? '*'];
  if (principal !== undefined) parts.push(principal);
  if (labels) parts.push(`{${(labels.labels ?? []).map(printLabel).join(', ')}}`);
  return `(${parts.join(',')})`;
}

const printLabel = ({ key, value }: Label): string =>
  value === undefined ? key : `${key}: ${value}`;

function printDisk({ source, persistence, volume }: ResourceDiskInfo): string {
  const parts: string[] = [];
  if (source) {
    const root = source.path?.root ?? source.mount?.root;
    const identity = [source.vendor, source.id, source.profile];
    const named = identity.some((part) => part !== undefined);
    parts.push(
      source.type +
        (named ? `(${identity.map((part) => part ?? '').join(',')})` : '') +
        (root === undefined ? '' : `:${root}`),
    );
  }
  if (persistence) parts.push(persistence.id + (volume ? `:${printVolume(volume)}` : ''));
  else if (volume) parts.push(printVolume(volume));
  return parts.join(',');
}

const printVolume = ({ container_path, host_path, mode }: Volume): string =>
  host_path === undefined ? container_path : `${host_path}:${container_path}:${mode.toLowerCase()}`;
