import { parseQuery } from '../query.ts';

export interface RequestTarget {
  /** `*` if the server itself is meant. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Of a target that names its host: then no header has a say in that. */
  readonly host: string | undefined;
}

const ABSOLUTE = /^https?:\/\/([^/?#@]+)/i;

/** What a request is for (RFC 9112, 3.2), in whichever form it says so. Undefined if it is none, or its query is. */
export function requestTarget(method: string, target: string): RequestTarget | undefined {
  if (target === '*')
    return method === 'OPTIONS' ? { path: '*', query: {}, host: undefined } : undefined;
  const absolute = ABSOLUTE.exec(target);
  const hash = target.indexOf('#');
  const local = target.slice(absolute?.[0].length ?? 0, hash < 0 ? undefined : hash);
  const mark = local.indexOf('?');
  const path = mark < 0 ? local : local.slice(0, mark);
  const query = parseQuery(mark < 0 ? '' : local.slice(mark + 1));
  const rooted = path.startsWith('/') || (absolute !== null && path === '');
  if (!query || !rooted) return undefined;
  return { path: path === '' ? '/' : path, query, host: absolute?.[1] };
}
