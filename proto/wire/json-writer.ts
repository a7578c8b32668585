/** `v0` says slave, `v1` says agent. */
export type Spelling = 'v0' | 'v1';

/** How a message is written as JSON. */
export interface JsonOptions {
  /** Default: v0. */
  readonly spelling?: Spelling;
}

/** Doubles keep a fraction, as rapidjson prints them. What JSON cannot say is a string, or null for NaN. */
export function doubleToJson(value: number): string {
  if (Number.isInteger(value)) {
    if (Object.is(value, -0)) return '-0.0';
    const digits = String(value);
    return digits.includes('e') ? digits.replace('e+', 'e') : `${digits}.0`;
  }
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'null' : `"${value}"`;
}

export function bytesToJson(value: Uint8Array): string {
  return `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}"`;
}

/** Writes an array; the generated code says how an element looks. */
export function arrayToJson<T>(values: readonly T[], element: (value: T) => string): string {
  let json = '';
  for (const value of values) json += json === '' ? element(value) : `,${element(value)}`;
  return `[${json}]`;
}

export function mapToJson<T>(
  values: Readonly<Record<string, T>>,
  element: (value: T) => string,
): string {
  let json = '';
  for (const [key, value] of Object.entries(values)) {
    json += `${json === '' ? '' : ','}${JSON.stringify(key)}:${element(value)}`;
  }
  return `{${json}}`;
}

export const quoted = (name: string): string => `"${name}"`;

/** Escapes of control characters have capital hexadecimal digits, as rapidjson's. */
export function textToJson(value: string): string {
  const json = JSON.stringify(value);
  return json.length === value.length + 2 ? json : json.replace(ESCAPE, withCapitals);
}

// Takes escaped backslashes along: what follows one is text.
const ESCAPE = /\\(?:u00[0-9a-f]{2}|.)/g;

const withCapitals = (escape: string): string =>
  escape.length === 2 ? escape : `\\u${escape.slice(2).toUpperCase()}`;
