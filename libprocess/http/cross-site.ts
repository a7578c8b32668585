import type { Request } from './http.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a page of another site made a browser send this, and it may change something. Other
 * clients send neither header; a page that the node serves itself has the host as its origin.
 */
export function isForged({ method, headers }: Request): boolean {
  if (SAFE_METHODS.has(method)) return false;
  const site = headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') return true;
  const origin = headers['origin'];
  if (origin === undefined) return false;
  return origin.replace(/^https?:\/\//, '') !== headers['host'];
}
