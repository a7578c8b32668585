import type { Request } from './http.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a page of another site made a browser send this, and it may change something. Other
 * clients send neither header; a page that the node serves itself has the host as its origin. `names`
 * are those that the node may be called by, apart from its IP: any other may have been pointed here by
 * the page's own site.
 */
export function isForged({ method, headers }: Request, names: readonly string[]): boolean {
  if (SAFE_METHODS.has(method)) return false;
  const site = headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') return true;
  const origin = headers['origin'];
  if (origin === undefined) return false;
  const host = headers['host'] ?? '';
  return origin.replace(/^https?:\/\//, '') !== host || !isOurs(host, names);
}

const PORT = /:\d{1,5}$/;
const IP = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]{2,45}\])$/;

function isOurs(host: string, names: readonly string[]): boolean {
  const name = host.replace(PORT, '').toLowerCase();
  return name === 'localhost' || IP.test(name) || names.some((one) => one.toLowerCase() === name);
}
