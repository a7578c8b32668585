import type { WireType } from './wire-type.ts';

export function messageFromJson<M>(_type: WireType<M>, _json: unknown): unknown {
  return undefined;
}
