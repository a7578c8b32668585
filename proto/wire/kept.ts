/** Bytes of fields that this version does not know. Enumerable, so that a changed copy keeps them. */
export const UNKNOWN_FIELDS: unique symbol = Symbol('unknown fields');

class Stamp {
  constructor(target: object) {
    return target;
  }
}

/**
 * A private field put on the decoded object itself: nobody else sees it, copies do not take it along,
 * and it costs a property, not an entry in a map.
 */
class KeptBytes extends Stamp {
  readonly #bytes: Uint8Array;

  constructor(target: object, bytes: Uint8Array) {
    super(target);
    this.#bytes = bytes;
  }

  static of(target: object): Uint8Array | undefined {
    return #bytes in target ? target.#bytes : undefined;
  }
}

/** Remembers the bytes that `message` was decoded from. */
export function keep(message: object, bytes: Uint8Array): void {
  new KeptBytes(message, bytes);
}

/** The bytes that `message` was decoded from, if it is that very object. */
export function keptBytes(message: object): Uint8Array | undefined {
  return KeptBytes.of(message);
}
