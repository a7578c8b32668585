import { MalformedHttpError } from './malformed-http-error.ts';

export interface HeaderLine {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
}

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Visible, blank or of the upper half; a tab. Anything else could mean an end of line to somebody. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Two of these have two meanings. */
const SINGLE = new Set(['content-length', 'host', 'transfer-encoding', 'authorization']);

/** Whether it is a header of one line, to everybody who reads it. */
export const isHeader = (name: string, value: string): boolean =>
  NAME.test(name) && VALUE.test(value);

/** Throws `MalformedHttpError`: a folded line, a blank before the colon, a control character. */
export function headerLine(line: string): HeaderLine {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0));
  const value = line.slice(colon + 1);
  if (!NAME.test(name)) throw new MalformedHttpError('The name of a header is malformed');
  if (!VALUE.test(value))
    throw new MalformedHttpError(`The value of header '${name}' is malformed`);
  return { name: name.toLowerCase(), value: withoutBlanks(value) };
}

/** By hand: an expression for the end would begin again at each blank of a long line. */
function withoutBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

const isBlank = (character: string | undefined): boolean => character === ' ' || character === '\t';

export function mergeHeader(headers: Record<string, string>, { name, value }: HeaderLine): void {
  const before = headers[name];
  if (before !== undefined && SINGLE.has(name)) {
    throw new MalformedHttpError(`Header '${name}' stands there twice`);
  }
  headers[name] = before === undefined ? value : `${before}, ${value}`;
}
