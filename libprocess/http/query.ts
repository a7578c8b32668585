import { percentDecoded } from './percent.ts';

/** Parameters that one query or form may have. */
const PARAMETERS_MAX = 1_000;

/**
 * Decodes `a=1&b=2`, with `+` for a blank; of a repeated name the last wins. Undefined if an escape
 * is malformed or there are more parameters than anybody means.
 */
export function parseQuery(text: string): Readonly<Record<string, string>> | undefined {
  const query = Object.create(null) as Record<string, string>;
  if (text === '') return query;
  const pairs = text.split('&', PARAMETERS_MAX + 1);
  if (pairs.length > PARAMETERS_MAX) return undefined;
  for (const pair of pairs) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals));
    const value = decoded(equals < 0 ? '' : pair.slice(equals + 1));
    if (name === undefined || value === undefined) return undefined;
    query[name] = value;
  }
  return query;
}

/** Decodes an `application/x-www-form-urlencoded` body; undefined as for `parseQuery`. */
export function parseForm(body: Uint8Array): Readonly<Record<string, string>> | undefined {
  return parseQuery(new TextDecoder().decode(body).trim());
}

const decoded = (text: string): string | undefined => percentDecoded(text.replaceAll('+', ' '));
