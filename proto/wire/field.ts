import type { EnumTable } from './enum-table.ts';
import type { WireType } from './wire-type.ts';

export type ScalarKind =
  | 'string'
  | 'bytes'
  | 'bool'
  | 'double'
  | 'float'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'safe_int64'
  | 'safe_uint64';

/** What one value of a field is. The safe 64-bit kinds are numbers in memory, the others bigints. */
export type FieldKind =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'enum'; readonly values: EnumTable<string> }
  | { readonly kind: 'message'; readonly type: WireType<unknown> };

/** A field of a message, as its .proto declares it. */
export interface FieldInfo {
  /** Name in the .proto: the v0 spelling. */
  readonly name: string;
  /** The v1 spelling, where it differs. */
  readonly v1Name?: string;
  readonly number: number;
  readonly rule: 'required' | 'optional' | 'repeated' | 'map';
  readonly holds: FieldKind;
}

/** The fields of a message in the order of the .proto, which is their order in JSON. */
export type FieldTable = readonly FieldInfo[];
