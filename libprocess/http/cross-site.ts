import type { Request, Response } from './http.ts';
import { forbidden } from './responses.ts';

/** Not OPTIONS: the handler of a route gets that too, and may not look at the method. A page needs it to ask more. */
const SAFE_METHODS = new Set(['GET', 'HEAD']);
/** Parameters with which a GET hands out to a page what only its own may read, or changes something. */
const UNSAFE_PARAMETERS = ['jsonp', 'watch'];
/** Characters of a refused name that are repeated; DNS has no longer ones. */
const NAME_LENGTH_MAX = 253;
/** Stands for all names. */
const ANY = '*';

/**
 * Whether a page of another site made a browser send this, and it may change something: by its method, by
 * a parameter, or as `changes` says of its route. Other clients send neither header; a page that the node
 * serves itself has the host as its origin. `names` are those that the node may be called by, apart from its
 * IP: any other may have been pointed here by the page's own site.
 */
export function isForged(
  request: Request,
  names: readonly string[],
  changes: () => boolean,
): boolean {
  if (!isOfAnotherSite(request, names)) return false;
  const { method, query } = request;
  if (!SAFE_METHODS.has(method)) return true;
  return UNSAFE_PARAMETERS.some((name) => query[name] !== undefined) || changes();
}

function isOfAnotherSite({ headers }: Request, names: readonly string[]): boolean {
  const site = headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') return true;
  const origin = headers['origin'];
  if (origin === undefined) return false;
  const host = headers['host'] ?? '';
  return origin.replace(/^https?:\/\//, '') !== host || !isOurs(nameOf(host), names);
}

/**
 * The refusal of a request under a name that is not the node's: whoever owns the name can point it here, and
 * then read with a page of theirs what is answered (DNS rebinding). Nobody owns a name without a dot.
 */
export function foreignHost({ headers }: Request, names: readonly string[]): Response | undefined {
  const name = nameOf(headers['host'] ?? '');
  if (!name.includes('.') || isOurs(name, names)) return undefined;
  return forbidden(
    `403 Forbidden: '${name.slice(0, NAME_LENGTH_MAX)}' is no name of this node. ` +
      'Ask for its IP address, or start it with LIBPROCESS_HTTP_HOSTS naming the host.',
  );
}

const PORT = /:\d{1,5}$/;
const IP = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]{2,45}\])$/;

const nameOf = (host: string): string => host.replace(PORT, '').toLowerCase();

function isOurs(name: string, names: readonly string[]): boolean {
  if (name === 'localhost' || IP.test(name)) return true;
  return names.some((one) => one === ANY || one.toLowerCase() === name);
}
