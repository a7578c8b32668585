import { MalformedMessageError } from './errors.ts';

/** The only key of the objects that stand for integers which a number would round. */
const EXACT = '\u0000';
/** Below this many digits every integer is a safe one. */
const DIGITS_MIN = 16;
const MANY_DIGITS = /\d{16}/;
const DIGITS = /^-?\d+$/;

/**
 * `JSON.parse`, but integers of 16 digits and more come as objects that `exactInteger` understands:
 * their digits are exact.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(MANY_DIGITS.test(text) ? withExactIntegers(text) : text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MalformedMessageError(`Not JSON: ${reason}`, cause);
  }
}

/** The digits, if the value is one of the objects made by `parseJson`. */
export function exactInteger(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, EXACT)) return undefined;
  const { [EXACT]: digits } = value as { readonly [EXACT]: unknown };
  return typeof digits === 'string' && DIGITS.test(digits) ? digits : undefined;
}

function withExactIntegers(text: string): string {
  let result = '';
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '"') {
      at = endOfString(text, at);
    } else if (char === '-' || isDigit(char)) {
      const end = endOfNumber(text, at);
      const number = text.slice(at, end);
      if (isLongInteger(number)) {
        result += `${text.slice(copied, at)}{"\\u0000":"${number}"}`;
        copied = end;
      }
      at = end;
    } else {
      at += 1;
    }
  }
  return result + text.slice(copied);
}

const isDigit = (char: string): boolean => char >= '0' && char <= '9';

// A leading zero is left for JSON.parse to refuse.
const isLongInteger = (number: string): boolean =>
  number.length >= DIGITS_MIN && /^-?[1-9]\d{15,}$/.test(number);

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && /[\d.eE+-]/.test(text.charAt(at))) at += 1;
  return at;
}

/** Just after the closing quote; the end of the text if there is none. */
function endOfString(text: string, start: number): number {
  for (
    let quote = text.indexOf('"', start + 1);
    quote !== -1;
    quote = text.indexOf('"', quote + 1)
  ) {
    let backslashes = 0;
    while (text.charAt(quote - 1 - backslashes) === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}
