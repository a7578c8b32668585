import type { Request } from '../http.ts';

/** Who made a request: at least one of a name and claims. */
export interface Principal {
  readonly value?: string;
  readonly claims: Readonly<Record<string, string>>;
}

/** What came of looking at a request. */
export type AuthenticationResult =
  | { readonly kind: 'authenticated'; readonly principal: Principal }
  /** Answered with 401; each challenge says how to do better, as `Basic realm="mesos"` does. */
  | {
      readonly kind: 'unauthorized';
      readonly challenges: readonly string[];
      readonly body?: string;
    }
  /** Answered with 403: trying again is no use. */
  | { readonly kind: 'forbidden'; readonly body?: string };

/**
 * Tells who made a request, by one scheme. Install it for a realm with `node.access.setAuthenticator`.
 * If it fails, the answer is 500. Without a result within 30 s it is 503, and what it returned is asked to be
 * discarded; until then later requests to the same process wait, as they stay in order.
 */
export interface Authenticator {
  /** As it stands in `Authorization` and `WWW-Authenticate`: `Basic`, `Bearer`. */
  readonly scheme: string;
  authenticate(request: Request): AuthenticationResult | PromiseLike<AuthenticationResult>;
}

/** A challenge; quotes in what a client sent are escaped (RFC 9110 §5.6.4). */
export function challenge(scheme: string, parameters: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(parameters).map(
    ([name, value]) => `${name}="${value.replace(/[\\"]/g, '\\$&').replace(/[^\x20-\x7e]/g, '?')}"`,
  );
  return `${scheme} ${pairs.join(', ')}`;
}
