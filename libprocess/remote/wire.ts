import { decodeValue, encodeValue } from '../codec/msgpack.ts';

/** Names of the two messages of a remote call. Their bodies are arrays in message pack. */
export const CALL = 'libprocess.Call';
export const RESULT = 'libprocess.Result';

export interface Call {
  /** Chosen by the caller; comes back with the result. */
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

export type Result =
  | { readonly id: number; readonly kind: 'value'; readonly value: unknown }
  | {
      readonly id: number;
      readonly kind: 'error';
      readonly code: string;
      readonly message: string;
    };

export const encodeCall = ({ id, method, args }: Call): Uint8Array =>
  encodeValue([id, method, ...args]);

/** Throws `MalformedValueError`; undefined if the value is another. */
export function decodeCall(bytes: Uint8Array): Call | undefined {
  const value = decodeValue(bytes);
  if (!Array.isArray(value)) return undefined;
  const [id, method, ...args] = value as unknown[];
  return typeof id === 'number' && typeof method === 'string' ? { id, method, args } : undefined;
}

export const encodeResult = (result: Result): Uint8Array =>
  encodeValue(
    result.kind === 'value'
      ? [result.id, true, result.value]
      : [result.id, false, result.code, result.message],
  );

/** Throws `MalformedValueError`; undefined if the value is another. */
export function decodeResult(bytes: Uint8Array): Result | undefined {
  const value = decodeValue(bytes);
  if (!Array.isArray(value)) return undefined;
  const [id, succeeded, first, second] = value as unknown[];
  if (typeof id !== 'number') return undefined;
  if (succeeded === true) return { id, kind: 'value', value: first };
  if (typeof first !== 'string' || typeof second !== 'string') return undefined;
  return { id, kind: 'error', code: first, message: second };
}
