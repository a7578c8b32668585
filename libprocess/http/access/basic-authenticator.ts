import type { Request } from '../http.ts';
import { challenge, type AuthenticationResult, type Authenticator } from './authenticator.ts';
import { secretsEqual } from './secrets.ts';

/** Who is known to a `BasicAuthenticator`. */
export interface BasicAuthenticatorOptions {
  readonly realm: string;
  /** Passwords by the names of their users. */
  readonly credentials: Readonly<Record<string, string>>;
}

/** Names and passwords (RFC 7617). The scheme is compared as it is written: `Basic`. */
export class BasicAuthenticator implements Authenticator {
  readonly scheme = 'Basic';
  readonly #realm: string;
  readonly #passwords: ReadonlyMap<string, string>;

  constructor({ realm, credentials }: BasicAuthenticatorOptions) {
    this.#realm = realm;
    this.#passwords = new Map(Object.entries(credentials));
  }

  authenticate({ headers }: Request): AuthenticationResult {
    const value = this.#user(headers['authorization'] ?? '');
    if (value !== undefined) return { kind: 'authenticated', principal: { value, claims: {} } };
    return {
      kind: 'unauthorized',
      challenges: [challenge(this.scheme, { realm: this.#realm })],
    };
  }

  /** A password is compared for an unknown name, too: the time must not tell which names there are. */
  #user(authorization: string): string | undefined {
    const [, encoded] = /^Basic ([A-Za-z0-9+/]{0,8192}={0,2})$/.exec(authorization) ?? [];
    if (encoded === undefined) return undefined;
    const decoded = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    if (colon < 0) return undefined;
    const user = decoded.slice(0, colon);
    const password = this.#passwords.get(user);
    const equal = secretsEqual(decoded.slice(colon + 1), password ?? '');
    return equal && password !== undefined ? user : undefined;
  }
}
