import { createHmac, sign, verify } from 'node:crypto';
import type { Millis } from '../../clock.ts';
import { RuntimeError } from '../../errors.ts';
import { secretsEqual } from './secrets.ts';

/** Longest token that is looked at; the header of a request holds no more. */
const TOKEN_CHARACTERS_MAX = 32 * 1_024;

/** How a token is signed; `none` is not at all. */
export type JWTAlgorithm = 'none' | 'HS256' | 'RS256';

/** What a token must be signed with. The key decides the algorithm, never the token. */
export type JWTKey =
  | { readonly alg: 'HS256'; readonly secret: string | Uint8Array }
  /** PEM: the public key for `parse`, the private one for `create`. */
  | { readonly alg: 'RS256'; readonly key: string }
  /** Signed by nobody: who asks for this believes everybody. */
  | { readonly alg: 'none' };

/** Why a token is not believed. Returned, not thrown: bad tokens are a peer's, and common. */
export class InvalidTokenError extends RuntimeError {
  constructor(reason: string) {
    super('INVALID_TOKEN', reason);
  }
}

type Json = Readonly<Record<string, unknown>>;

/** A JSON Web Token (RFC 7519) with Mesos's three algorithms. */
export class JWT {
  readonly header: { readonly alg: JWTAlgorithm; readonly typ?: string };
  /** The claims; numbers are JavaScript's. Has no prototype. */
  readonly payload: Json;
  readonly #text: string;

  private constructor({ header, payload, text }: Parts) {
    this.header = header;
    this.payload = payload;
    this.#text = text;
  }

  /** Checks signature, `exp` and `nbf` (in seconds, as RFC 7519 has them). Tokens with `crit` are refused. */
  static parse(token: string, key: JWTKey, nowMs: Millis): JWT | InvalidTokenError {
    try {
      return new JWT(parse(token, key, nowMs));
    } catch (error) {
      if (error instanceof InvalidTokenError) return error;
      throw error;
    }
  }

  static create(payload: Json, key: JWTKey): JWT {
    const header = { alg: key.alg, typ: 'JWT' };
    const signed = `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify(payload))}`;
    const text = `${signed}.${signatureOf(signed, key).toString('base64url')}`;
    return new JWT({ header, payload, text });
  }

  /** The token: three parts in base64url, joined by dots. */
  toString(): string {
    return this.#text;
  }
}

interface Parts {
  readonly header: JWT['header'];
  readonly payload: Json;
  readonly text: string;
}

function parse(text: string, key: JWTKey, nowMs: Millis): Parts {
  if (text.length > TOKEN_CHARACTERS_MAX)
    throw new InvalidTokenError(`Token is longer than ${TOKEN_CHARACTERS_MAX} characters`);
  const parts = text.split('.');
  if (parts.length !== 3) {
    throw new InvalidTokenError(`Expected 3 components in token, got ${parts.length}`);
  }
  const [first = '', second = '', signature = ''] = parts;
  const header = parseHeader(first);
  if (header.alg !== key.alg) {
    const message = `Token 'alg' value "${header.alg}" does not match, expected "${key.alg}"`;
    throw new InvalidTokenError(message);
  }
  // Nobody learns what is wrong with claims that he has not signed.
  if (!isSignature(decoded(signature, 'signature'), `${first}.${second}`, key)) {
    throw new InvalidTokenError('Token signature does not match');
  }
  return { header, payload: parsePayload(second, nowMs), text };
}

function parseHeader(part: string): JWT['header'] {
  const { alg, typ, crit } = object(part, 'header');
  if (typ !== undefined && typeof typ !== 'string') {
    throw new InvalidTokenError("Token 'typ' is not a string");
  }
  if (crit !== undefined) throw new InvalidTokenError("Token 'crit' field is unsupported");
  if (alg !== 'none' && alg !== 'HS256' && alg !== 'RS256') {
    throw new InvalidTokenError('Unsupported token algorithm');
  }
  return typ === undefined ? { alg } : { alg, typ };
}

function parsePayload(part: string, nowMs: Millis): Json {
  const payload = object(part, 'payload');
  const now = Math.floor(nowMs / 1_000);
  const { exp, nbf } = payload;
  if (exp !== undefined && seconds(exp, 'exp') < now)
    throw new InvalidTokenError('Token has expired');
  if (nbf !== undefined && seconds(nbf, 'nbf') > now) {
    throw new InvalidTokenError('Token is not valid yet');
  }
  return payload;
}

function seconds(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new InvalidTokenError(`JSON payload '${name}' field is not a number`);
}

function object(part: string, what: string): Json {
  const bytes = decoded(part, what);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new InvalidTokenError(`Failed to parse token ${what} into JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidTokenError(`Token ${what} is no JSON object`);
  }
  return Object.assign(Object.create(null), value) as Json;
}

/** Only the one spelling that encoding gives: spare bits must not make two tokens of one. */
function decoded(part: string, what: string): Uint8Array {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') === part) return bytes;
  throw new InvalidTokenError(`Failed to base64url-decode token ${what}`);
}

function isSignature(signature: Uint8Array, signed: string, key: JWTKey): boolean {
  switch (key.alg) {
    case 'none':
      return signature.byteLength === 0;
    case 'HS256':
      return secretsEqual(signature, signatureOf(signed, key));
    case 'RS256':
      return verify('RSA-SHA256', Buffer.from(signed), key.key, signature);
  }
}

function signatureOf(signed: string, key: JWTKey): Buffer {
  switch (key.alg) {
    case 'none':
      return Buffer.alloc(0);
    case 'HS256':
      return createHmac('sha256', key.secret).update(signed).digest();
    case 'RS256':
      return sign('RSA-SHA256', Buffer.from(signed), key.key);
  }
}

const encoded = (text: string): string => Buffer.from(text).toString('base64url');
