/**
 * The wire types. Packages `mesos` and `mesos.internal` are flat; the others are namespaces, since
 * their names (`Call`, `Event`) repeat.
 */
export * from './generated/mesos.ts';
export * from './generated/mesos-internal.ts';
export * as allocator from './generated/mesos-allocator.ts';
export * as executor from './generated/mesos-executor.ts';
export * as maintenance from './generated/mesos-maintenance.ts';
export * as quota from './generated/mesos-quota.ts';
export * as resourceProvider from './generated/mesos-resource-provider.ts';
export * as scheduler from './generated/mesos-scheduler.ts';
export * as slave from './generated/mesos-slave.ts';
export * as slaveState from './generated/mesos-internal-slave.ts';
export * as state from './generated/mesos-internal-state.ts';
export { unknownFieldsSkipped } from './wire/decode.ts';
export type { EnumTable } from './wire/enum-table.ts';
export { MalformedMessageError } from './wire/errors.ts';
export type { FieldInfo, FieldKind, FieldTable } from './wire/field.ts';
export { parseJson } from './wire/json-text.ts';
export type { JsonOptions, Spelling } from './wire/json-writer.ts';
export type { WireType } from './wire/wire-type.ts';
