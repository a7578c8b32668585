import { attempt, Future } from '../../future.ts';
import type { Request, Response } from '../http.ts';
import { forbidden, unauthorized } from '../responses.ts';
import type { AuthenticationResult, Authenticator, Principal } from './authenticator.ts';
import { RuntimeError } from '../../errors.ts';
import type { FirewallRule } from './firewall.ts';
import { plainEndpoint } from './plain-endpoint.ts';

/** Realm of what every node serves and only tells. */
export const READONLY_REALM = 'readonly';
/** Realm of what every node serves and changes something. */
export const READWRITE_REALM = 'readwrite';

/** Whether a principal, if any, may do what the request asks for. */
export type AuthorizationCallback = (
  request: Request,
  principal: Principal | undefined,
) => boolean | PromiseLike<boolean>;

/** What a request was found to be: let in, with or without a principal, or answered. */
export type Admission =
  | { readonly kind: 'admitted'; readonly principal: Principal | undefined }
  | { readonly kind: 'refused'; readonly response: Response };

/** An authenticator gave a principal that is nobody. */
export class InvalidPrincipalError extends RuntimeError {
  constructor() {
    super('INVALID_PRINCIPAL', 'Failed to authenticate: a principal has a value or claims');
  }
}

/** Two authorization callbacks are for the same endpoint, in two spellings: neither may be passed over. */
export class DuplicateCallbackError extends RuntimeError {
  constructor(endpoint: string) {
    super('DUPLICATE_CALLBACK', `Failed to set two authorization callbacks for '${endpoint}'`);
  }
}

/**
 * Who may ask the processes of a node for what: firewall, then the authenticator of the route's realm,
 * then the authorization callback of its path. Without any of these everybody may everything.
 */
export class HttpAccess {
  #rules: readonly FirewallRule[] = [];
  readonly #authenticators = new Map<string, Authenticator>();
  #callbacks: ReadonlyMap<string, AuthorizationCallback> = new Map();

  /** Takes the place of all rules before; none at all lets everything through. */
  installFirewall(rules: readonly FirewallRule[]): void {
    this.#rules = rules;
  }

  setAuthenticator(realm: string, authenticator: Authenticator): void {
    this.#authenticators.set(realm, authenticator);
  }

  unsetAuthenticator(realm: string): void {
    this.#authenticators.delete(realm);
  }

  /**
   * By paths of endpoints, such as `/metrics/snapshot`, with slashes to spare or without the first. Takes the place
   * of all callbacks before. Throws `DuplicateCallbackError` if two are for one endpoint.
   */
  setAuthorizationCallbacks(callbacks: Readonly<Record<string, AuthorizationCallback>>): void {
    const byEndpoint = new Map<string, AuthorizationCallback>();
    for (const [path, callback] of Object.entries(callbacks)) {
      const endpoint = plainEndpoint(path);
      if (byEndpoint.has(endpoint)) throw new DuplicateCallbackError(endpoint);
      byEndpoint.set(endpoint, callback);
    }
    this.#callbacks = byEndpoint;
  }

  unsetAuthorizationCallbacks(): void {
    this.#callbacks = new Map();
  }

  /** @internal The answer of the first rule that has one. */
  refusal(request: Request, endpoint: string | undefined): Response | undefined {
    for (const rule of this.#rules) {
      const response = rule.apply(request, endpoint);
      if (response) return response;
    }
    return undefined;
  }

  /** @internal Undefined if nobody has to be asked. Fails if an authenticator or a callback does. */
  admission(
    request: Request,
    { realm, path }: { readonly realm: string | undefined; readonly path: string },
  ): Future<Admission> | undefined {
    const authenticator = realm === undefined ? undefined : this.#authenticators.get(realm);
    const callback = this.#callbacks.get(path);
    if (!authenticator && !callback) return undefined;
    const authorized = (principal: Principal | undefined): Future<Admission> =>
      attempt(() => callback?.(request, principal) ?? true).then((allowed) =>
        allowed ? { kind: 'admitted', principal } : { kind: 'refused', response: forbidden() },
      );
    if (!authenticator) return authorized(undefined);
    return attempt(() => authenticator.authenticate(request)).then((result) =>
      result.kind === 'authenticated'
        ? authorized(checked(result.principal))
        : Future.ready<Admission>({ kind: 'refused', response: refusalOf(result) }),
    );
  }
}

function checked(principal: Principal): Principal {
  const isNobody = principal.value === undefined && Object.keys(principal.claims).length === 0;
  if (isNobody) throw new InvalidPrincipalError();
  return principal;
}

function refusalOf(result: Exclude<AuthenticationResult, { kind: 'authenticated' }>): Response {
  if (result.kind === 'forbidden') return forbidden(result.body);
  return unauthorized(result.challenges, result.body);
}
