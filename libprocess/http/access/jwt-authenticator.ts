import type { Clock } from '../../clock.ts';
import type { Request } from '../http.ts';
import { challenge, type AuthenticationResult, type Authenticator } from './authenticator.ts';
import { InvalidTokenError, JWT, type JWTKey } from './jwt.ts';

/** Which tokens a `JWTAuthenticator` takes. */
export interface JWTAuthenticatorOptions {
  readonly realm: string;
  readonly key: JWTKey;
  /** Tells whether a token has expired. */
  readonly clock: Clock;
}

/** Tokens of `Authorization: Bearer` (RFC 6750). Its principals have the claims of the token, and no name. */
export class JWTAuthenticator implements Authenticator {
  readonly scheme = 'Bearer';
  readonly #options: JWTAuthenticatorOptions;

  constructor(options: JWTAuthenticatorOptions) {
    this.#options = options;
  }

  authenticate({ headers }: Request): AuthenticationResult {
    const authorization = headers['authorization'];
    // Who brought no credentials gets no error (RFC 6750 §3.1).
    if (authorization === undefined) return this.#unauthorized();
    const [scheme = '', token = '', ...more] = authorization.split(' ', 3);
    if (more.length > 0 || token === '') {
      return this.#unauthorized("Malformed 'Authorization' header");
    }
    if (scheme !== this.scheme) return this.#unauthorized(`Scheme '${scheme}' unsupported`);
    const { key, clock } = this.#options;
    const jwt = JWT.parse(token, key, clock.now());
    if (jwt instanceof InvalidTokenError) return this.#unauthorized(`Invalid JWT: ${jwt.message}`);
    const claims = Object.create(null) as Record<string, string>;
    for (const [name, value] of Object.entries(jwt.payload)) {
      claims[name] = typeof value === 'string' ? value : JSON.stringify(value);
    }
    if (Object.keys(claims).length === 0) return this.#unauthorized('JWT claims missing');
    return { kind: 'authenticated', principal: { claims } };
  }

  #unauthorized(description?: string): AuthenticationResult {
    const error =
      description === undefined ? {} : { error: 'invalid_token', error_description: description };
    const challenges = [challenge(this.scheme, { realm: this.#options.realm, ...error })];
    return { kind: 'unauthorized', challenges };
  }
}
