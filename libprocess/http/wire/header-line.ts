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

/** Throws `MalformedHttpError`: a folded line, a blank before the colon, a control character. */
export function headerLine(line: string): HeaderLine {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0));
  const value = line.slice(colon + 1);
  if (!NAME.test(name)) throw new MalformedHttpError('The name of a header is malformed');
  if (!VALUE.test(value))
    throw new MalformedHttpError(`The value of header '${name}' is malformed`);
  return { name: name.toLowerCase(), value: value.replace(/^[\t ]+|[\t ]+$/g, '') };
}

export function mergeHeader(headers: Record<string, string>, { name, value }: HeaderLine): void {
  const before = headers[name];
  if (before !== undefined && SINGLE.has(name)) {
    throw new MalformedHttpError(`Header '${name}' stands there twice`);
  }
  headers[name] = before === undefined ? value : `${before}, ${value}`;
}
