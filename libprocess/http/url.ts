import { RuntimeError } from '../errors.ts';
import { parseQuery } from './query.ts';

/** A text that is no URL of HTTP; the message says what is wrong with it. */
export class UrlError extends RuntimeError {
  constructor(reason: string) {
    super('BAD_URL', `Failed to parse a URL: ${reason}`);
  }
}

/** Where a request goes. */
export interface Url {
  readonly scheme: 'http' | 'https';
  /** A name or an IP; IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
  /** Percent-encoded, begins with `/`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Never sent; undefined if there is none. */
  readonly fragment: string | undefined;
}

const DEFAULT_PORTS: Readonly<Record<Url['scheme'], number>> = { http: 80, https: 443 };
const HOST = /^(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,253})|\[[0-9A-Fa-f:.]{2,45}\])$/;
/** No blank, control character or quote may reach a request line. */
const TARGET = /^[\x21\x23-\x5b\x5d-\x7e]*$/;

/** Parses `http://host[:port][/path][?query][#fragment]`. Throws `UrlError`; user names are refused. */
export function parseUrl(text: string): Url {
  const [, scheme = '', rest = ''] = /^([A-Za-z][A-Za-z0-9+.-]{0,15}):\/\/(.*)$/s.exec(text) ?? [];
  const known = scheme.toLowerCase();
  if (scheme === '') throw new UrlError('it has no scheme, as in http://host:port/path');
  if (known !== 'http' && known !== 'https') throw new UrlError(`scheme '${scheme}' is not known`);
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const target = end < 0 ? '' : rest.slice(end);
  const [, host = '', port] = /^(.*?)(?::(\d{1,5}))?$/s.exec(authority) ?? [];
  if (host === '') throw new UrlError('it has no host');
  if (!HOST.test(host)) throw new UrlError('its host is malformed');
  const number = port === undefined ? DEFAULT_PORTS[known] : Number(port);
  if (number < 1 || number > 65_535) throw new UrlError(`there is no port ${number}`);
  return { scheme: known, host, port: number, ...parseTarget(target) };
}

function parseTarget(text: string): Pick<Url, 'path' | 'query' | 'fragment'> {
  if (!TARGET.test(text)) throw new UrlError('it has characters that must be percent-encoded');
  const hash = text.indexOf('#');
  const beforeHash = hash < 0 ? text : text.slice(0, hash);
  const mark = beforeHash.indexOf('?');
  const path = mark < 0 ? beforeHash : beforeHash.slice(0, mark);
  const query = parseQuery(mark < 0 ? '' : beforeHash.slice(mark + 1));
  if (!query) throw new UrlError('its query is malformed');
  const fragment = hash < 0 ? undefined : text.slice(hash + 1);
  return { path: path === '' ? '/' : path, query, fragment };
}

export function printUrl({ scheme, host, port, path, query, fragment }: Url): string {
  const shown = port === DEFAULT_PORTS[scheme] ? host : `${host}:${port}`;
  const hash = fragment === undefined ? '' : `#${fragment}`;
  const encoded = encodeQuery(query);
  return `${scheme}://${shown}${path}${encoded === '' ? '' : `?${encoded}`}${hash}`;
}

/** `a=1&b=2`, percent-encoded; a name alone where the value is empty. */
export function encodeQuery(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => {
      const key = encodeURIComponent(name);
      return value === '' ? key : `${key}=${encodeURIComponent(value)}`;
    })
    .join('&');
}
