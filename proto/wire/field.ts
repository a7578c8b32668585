import type { EnumTable } from './enum-table.ts';
import type { WireType } from './wire-type.ts';

export type ScalarKind =
  'string' | 'bytes' | 'bool' | 'double' | 'float' | 'int' | 'number64' | 'bigint';

/** What a field holds, as far as JSON is concerned. */
export type FieldKind =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'enum'; readonly values: EnumTable<string> }
  | { readonly kind: 'message'; readonly type: WireType<unknown> };

export interface FieldInfo {
  /** Name in the .proto: the v0 spelling. */
  readonly name: string;
  readonly number: number;
  readonly rule: 'required' | 'optional' | 'repeated' | 'map';
  readonly holds: FieldKind;
  /** The default of the .proto, unless the field is deprecated: JSON shows it for an absent field. */
  readonly shownDefault?: unknown;
}

export type FieldTable = readonly FieldInfo[];
