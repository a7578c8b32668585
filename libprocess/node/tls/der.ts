/** The few forms of DER that a certificate is written in. */

const LONG_LENGTH = 0x80;

/** Tag, length, contents. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), lengthOf(body.length), body]);
}

function lengthOf(length: number): Buffer {
  if (length < LONG_LENGTH) return Buffer.of(length);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.of(LONG_LENGTH | bytes.length), bytes]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => der(0x31, ...parts);
export const octets = (contents: Uint8Array): Buffer => der(0x04, contents);
export const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));
export const bool = (value: boolean): Buffer => der(0x01, Buffer.of(value ? 0xff : 0));

/** A number that is not negative, in as few bytes as its sign bit allows. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Buffer.of(0) : bytes.subarray(first);
  const negative = (digits[0] ?? 0) >= LONG_LENGTH;
  return der(0x02, negative ? Buffer.concat([Buffer.of(0), digits]) : digits);
}

export const bits = (contents: Uint8Array, unused = 0): Buffer =>
  der(0x03, Buffer.of(unused), contents);

/** `[n] EXPLICIT`, around what is written. */
export const explicit = (n: number, ...parts: readonly Uint8Array[]): Buffer =>
  der(0xa0 | n, ...parts);
/** `[n] IMPLICIT`, of what has no parts. */
export const implicit = (n: number, contents: Uint8Array): Buffer => der(LONG_LENGTH | n, contents);

/** `2.5.29.17`: the first two numbers share a byte, the others take seven bits a byte. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = rest.flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(0x06, Buffer.of(first * 40 + second, ...bytes));
}

/** `YYYYMMDDhhmmssZ`. */
export function time(at: Date): Buffer {
  const digits = at.toISOString().replace(/\.\d+Z$|[-:T]/g, '');
  return der(0x18, Buffer.from(`${digits}Z`));
}
