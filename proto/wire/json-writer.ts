import type { WireType } from './wire-type.ts';

export interface JsonOptions {
  /** `v0` says slave, `v1` says agent. Default: v0. */
  readonly spelling?: 'v0' | 'v1';
}

export function messageToJson<M>(
  _type: WireType<M>,
  _message: M,
  _options: JsonOptions = {},
): string {
  return '';
}
