import type { Message } from '../message.ts';
import { CALL, decodeCallId, encodeResult } from './wire.ts';

/** What a process that takes no remote calls answers to one, in a `RESULT`; undefined if `message` is none. */
export function unservedCall({ name, bytes, to }: Message): Uint8Array | undefined {
  if (name !== CALL) return undefined;
  try {
    const id = decodeCallId(bytes);
    const message = `'${to.id}' takes no remote calls`;
    return id === undefined
      ? undefined
      : encodeResult({ id, kind: 'error', code: 'NO_SUCH_METHOD', message, thrown: undefined });
  } catch {
    return undefined; // What nobody can read has no caller.
  }
}
