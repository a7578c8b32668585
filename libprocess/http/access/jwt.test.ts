import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InvalidTokenError, JWT, type JWTKey } from './jwt.ts';

const SECRET = { alg: 'HS256', secret: 'secret' } as const;
const NONE = { alg: 'none' } as const;
const NOW_MS = 1_700_000_000_000;
const FOO = '{"exp":9999999999,"sub":"foo"}';

const pair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const { publicKey, privateKey } = pair();
const PUBLIC: JWTKey = { alg: 'RS256', key: publicKey };

const encode = (text: string): string => Buffer.from(text).toString('base64url');

/** A token that is signed rightly, whatever it says. */
function signed(header: string, payload: string, by: 'HS256' | 'RS256' = 'HS256'): string {
  const text = `${encode(header)}.${encode(payload)}`;
  const signature =
    by === 'HS256'
      ? createHmac('sha256', 'secret').update(text).digest()
      : sign('RSA-SHA256', Buffer.from(text), privateKey);
  return `${text}.${signature.toString('base64url')}`;
}

const outcome = (token: string, key: JWTKey, nowMs = NOW_MS): unknown => {
  const jwt = JWT.parse(token, key, nowMs);
  return jwt instanceof InvalidTokenError ? jwt.message : { ...jwt.payload };
};

describe.each([
  ['HS256', SECRET],
  ['RS256', PUBLIC],
] as const)('a token signed with %s', (alg, key) => {
  const head = `{"alg":"${alg}","typ":"JWT"}`;

  test.each<[string, string, string, string | RegExp]>([
    ['a header that is no JSON', 'NOT A HEADER', FOO, 'Failed to parse token header into JSON'],
    ['a header that is no object', '[1]', FOO, 'Token header is no JSON object'],
    ['a payload that is no JSON', head, 'NO', 'Failed to parse token payload into JSON'],
    ['a payload that is null', head, 'null', 'Token payload is no JSON object'],
    ['another algorithm', '{"alg":"RS512"}', FOO, 'Unsupported token algorithm'],
    ['an algorithm that is none', '{"alg":"toString"}', FOO, 'Unsupported token algorithm'],
    ['no algorithm', '{"typ":"JWT"}', FOO, 'Unsupported token algorithm'],
    ['a type that is no text', `{"alg":"${alg}","typ":1}`, FOO, "Token 'typ' is not a string"],
    ['crit', `{"alg":"${alg}","crit":["exp"]}`, FOO, "Token 'crit' field is unsupported"],
    ['an expiry that is no number', head, '{"exp":"1"}', /'exp' field is not a number/],
    ['an expiry without end', head, '{"exp":1e999}', /'exp' field is not a number/],
    ['an expiry that is over', head, '{"exp":0}', 'Token has expired'],
    ['a begin that is to come', head, '{"nbf":1700000001}', 'Token is not valid yet'],
  ])('is refused for %s [95fad92]', (_what, ...[header, payload, message]) => {
    expect(outcome(signed(header, payload, alg), key)).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    );
  });

  test.each([['{"sub":"foo"}'], [FOO], ['{"exp":1700000000,"nbf":1700000000}']])(
    'is believed with %s',
    (payload) => {
      expect(outcome(signed(head, payload, alg), key)).toEqual(JSON.parse(payload));
    },
  );

  test('is refused without a signature, with one of another, and with one spelt another way', () => {
    const token = signed(head, FOO, alg);
    const [first, second, signature = ''] = token.split('.');
    const foreign = encode('x'.repeat(Buffer.from(signature, 'base64url').length));
    for (const wrong of ['', foreign, signature.slice(1)]) {
      expect(outcome(`${first}.${second}.${wrong}`, key)).toMatch('signature');
    }
    // The last letter has spare bits.
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = letters.indexOf(signature.at(-1) ?? '');
    expect(outcome(token.slice(0, -1) + (letters[last ^ 1] ?? ''), key)).toMatch('signature');
    expect(outcome(`${token}=`, key)).toMatch('signature');
  });

  test('is refused with any bit flipped', () => {
    const token = Buffer.from(signed(head, FOO, alg));
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.nat(6), (at, bit) => {
        const flipped = Buffer.from(token);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        expect(JWT.parse(flipped.toString('latin1'), key, NOW_MS)).toBeInstanceOf(
          InvalidTokenError,
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('a token', () => {
  test('is as long as three parts [95fad92]', () => {
    expect(outcome('a.b', SECRET)).toBe('Expected 3 components in token, got 2');
    expect(outcome('a.b.c.d', SECRET)).toBe('Expected 3 components in token, got 4');
    expect(outcome('.'.repeat(40_000), SECRET)).toBe('Token is longer than 32768 characters');
  });

  test('that nobody signed is believed only by who asks for it', () => {
    const token = `${encode('{"alg":"none"}')}.${encode(FOO)}.`;
    expect(outcome(token, NONE)).toEqual({ exp: 9_999_999_999, sub: 'foo' });
    expect(outcome(token, SECRET)).toMatch(`Token 'alg' value "none" does not match`);
    expect(outcome(signed('{"alg":"none"}', FOO), NONE)).toMatch('signature');
    expect(outcome(token.slice(0, -1), NONE)).toMatch('3 components');
  });

  test('signed with a public key as if it were a secret is refused', () => {
    const text = `${encode('{"alg":"HS256"}')}.${encode(FOO)}`;
    const forged = createHmac('sha256', publicKey).update(text).digest('base64url');
    expect(outcome(`${text}.${forged}`, PUBLIC)).toMatch('does not match');
    expect(
      outcome(JWT.create({}, { alg: 'RS256', key: pair().privateKey }).toString(), PUBLIC),
    ).toBe('Token signature does not match');
  });

  test('is created and believed with the other half of its key, or none [95fad92]', () => {
    const payload = { exp: 9_999_999_999, sub: 'foo', n: { deep: [1, true] } };
    const keys: [JWTKey, JWTKey][] = [
      [SECRET, SECRET],
      [{ alg: 'RS256', key: privateKey }, PUBLIC],
      [NONE, NONE],
    ];
    for (const [create, parse] of keys) {
      const jwt = JWT.create(payload, create);
      expect(outcome(jwt.toString(), parse)).toEqual(payload);
      expect(jwt.header).toEqual({ alg: create.alg, typ: 'JWT' });
    }
  });

  test('prints as its three parts [fbc2f54]', () => {
    const jwt = JWT.create({ exp: 9_999_999_999, sub: 'foo' }, SECRET);
    expect(jwt.toString()).toBe(signed('{"alg":"HS256","typ":"JWT"}', FOO));
    const parsed = JWT.parse(jwt.toString(), SECRET, NOW_MS);
    expect(String(parsed)).toBe(jwt.toString());
  });

  test('pollutes nothing, whatever it claims', () => {
    const payload = '{"__proto__":{"admin":true},"constructor":1}';
    const jwt = JWT.parse(signed('{"alg":"HS256","__proto__":1}', payload), SECRET, NOW_MS);
    if (jwt instanceof InvalidTokenError) throw jwt;
    expect(jwt.payload['admin']).toBeUndefined();
    expect(Object.getPrototypeOf(jwt.payload)).toBeNull();
    expect(Reflect.get({}, 'admin')).toBeUndefined();
  });

  test('that is garbage is refused, and nothing else happens', () => {
    const part = fc.oneof(fc.string(), fc.json().map(encode), fc.base64String());
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), fc.boolean(), (parts, rsa) => {
        const jwt = JWT.parse(parts.join('.'), rsa ? PUBLIC : SECRET, NOW_MS);
        expect(jwt).toBeInstanceOf(InvalidTokenError);
      }),
      { numRuns: 500 },
    );
  });
});
