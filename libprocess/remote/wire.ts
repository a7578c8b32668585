import { decodeValue, encodeValue } from '../codec/msgpack.ts';
import type { RemoteCallCode, Thrown } from './remote-call-error.ts';

/** Names of the messages of remote calls. Their bodies are arrays in message pack. */
export const CALL = 'libprocess.Call';
export const CAST = 'libprocess.Cast';
export const RESULT = 'libprocess.Result';
/** The caller has given a call up. */
export const DISCARD = 'libprocess.Discard';

export interface Call {
  /** Chosen by the caller, who gets it back with the result. A cast has none. */
  readonly id: number | undefined;
  /** `protocol.method`; the method alone if only one protocol of the process has it. */
  readonly method: string;
  readonly args: unknown;
}

export type Result =
  | { readonly id: number; readonly kind: 'value'; readonly value: unknown }
  | {
      readonly id: number;
      readonly kind: 'error';
      readonly code: RemoteCallCode;
      readonly message: string;
      readonly thrown: Thrown | undefined;
    };

/** The codes that the other side can tell; the rest is for the caller to find. */
const TOLD: ReadonlySet<string> = new Set<RemoteCallCode>([
  'NO_SUCH_METHOD',
  'BAD_ARGUMENTS',
  'HANDLER_THREW',
  'BAD_RESULT',
  'OVERLOADED',
  'MAILBOX_FULL',
]);

const isTold = (code: unknown): code is RemoteCallCode =>
  typeof code === 'string' && TOLD.has(code);

export const encodeCall = ({ id, method, args }: Call): Uint8Array =>
  encodeValue(args === undefined ? [id ?? null, method] : [id ?? null, method, args], args);

/** Throws `MalformedValueError`; undefined if the value is another. */
export function decodeCall(bytes: Uint8Array): Call | undefined {
  const value = decodeValue(bytes);
  if (!Array.isArray(value)) return undefined;
  const [id, method, args] = value as unknown[];
  if (typeof method !== 'string' || (typeof id !== 'number' && id !== null)) return undefined;
  return { id: id ?? undefined, method, args };
}

/** Of a call or a cast: the method, for who only watches. Undefined of all else, and of what is malformed. */
export function methodOf(name: string, bytes: () => Uint8Array): string | undefined {
  if (name !== CALL && name !== CAST) return undefined;
  try {
    return decodeCall(bytes())?.method;
  } catch {
    return undefined;
  }
}

/** Bytes of a number, by its first one; smaller numbers have one. */
const NUMBER_BYTES: Readonly<Record<number, number>> = { 0xcb: 9, 0xcc: 2, 0xcd: 3, 0xce: 5 };

/**
 * The id of what `encodeCall` made, and nothing else: a call that nobody has room for is not decoded.
 * Undefined if there is none. Throws `MalformedValueError`.
 */
export function decodeCallId(bytes: Uint8Array): number | undefined {
  const [array, first = 0xff] = bytes;
  if (array !== 0x92 && array !== 0x93) return undefined;
  const length = first < 0x80 ? 1 : NUMBER_BYTES[first];
  return length === undefined ? undefined : (decodeValue(bytes.subarray(1, 1 + length)) as number);
}

export const encodeDiscard = (id: number): Uint8Array => encodeValue(id);

/** Throws `MalformedValueError`; undefined if the value is another. */
export function decodeDiscard(bytes: Uint8Array): number | undefined {
  const id = decodeValue(bytes);
  return typeof id === 'number' ? id : undefined;
}

export function encodeResult(result: Result): Uint8Array {
  if (result.kind === 'value')
    return encodeValue(
      result.value === undefined ? [result.id, true] : [result.id, true, result.value],
      result.value,
    );
  const { id, code, message, thrown } = result;
  return encodeValue(
    thrown
      ? [id, false, code, message, thrown.message, thrown.code ?? null]
      : [id, false, code, message],
  );
}

/** Throws `MalformedValueError`; undefined if the value is another. */
export function decodeResult(bytes: Uint8Array): Result | undefined {
  const value = decodeValue(bytes);
  if (!Array.isArray(value)) return undefined;
  const [id, succeeded, first, message, thrownMessage, thrownCode] = value as unknown[];
  if (typeof id !== 'number') return undefined;
  if (succeeded === true) return { id, kind: 'value', value: first };
  if (!isTold(first) || typeof message !== 'string') return undefined;
  const thrown =
    typeof thrownMessage === 'string'
      ? { message: thrownMessage, code: typeof thrownCode === 'string' ? thrownCode : undefined }
      : undefined;
  return { id, kind: 'error', code: first, message, thrown };
}
