import {
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { isIP } from 'node:net';
import { canonicalIp, ipv6Groups } from '../../ip.ts';
import {
  bits,
  bool,
  explicit,
  implicit,
  integer,
  octets,
  oid,
  sequence,
  set,
  time,
  utf8,
} from './der.ts';

/** A key and the certificate for it, as TLS takes them. */
export interface TestCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface TestCertificateOptions {
  readonly commonName?: string;
  /** DNS names and IP addresses of the owner. Default: of this machine, by its loopback. */
  readonly names?: readonly string[];
  /** EC keys are made in no time; peers without EC ciphers want RSA. Default: `ec`. */
  readonly keyType?: 'ec' | 'rsa';
  readonly validFrom?: Date;
  readonly validTo?: Date;
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];
const RSA_BITS = 2_048;
const SERIAL_BYTES = 16;
const DAY_MS = 86_400_000;

/**
 * An authority for tests: makes keys and certificates without any tool. Its private key is never
 * written, so that nobody else can use what trusts it.
 */
export class TestAuthority {
  readonly #key: KeyObject;
  readonly #name: Buffer;
  /** Its own certificate, for `LIBPROCESS_SSL_CA_FILE`. */
  readonly certificatePem: string;
  /** Those between it and its root, itself included; a certificate is followed by them. */
  readonly chainPem: string;

  private constructor(key: KeyObject, name: Buffer, pems: { own: string; chain: string }) {
    this.#key = key;
    this.#name = name;
    this.certificatePem = pems.own;
    this.chainPem = pems.chain;
  }

  /** A root. */
  static create(commonName = 'Test Authority'): TestAuthority {
    const key = newKey('ec');
    const name = nameOf(commonName);
    const own = certify({ subject: name, subjectKey: key, issuer: name, issuerKey: key });
    return new TestAuthority(key, name, { own, chain: '' });
  }

  /** An intermediate authority, certified by this one. */
  authority(commonName: string): TestAuthority {
    const key = newKey('ec');
    const name = nameOf(commonName);
    const own = this.#certify({ subject: name, subjectKey: key });
    return new TestAuthority(key, name, { own, chain: own + this.chainPem });
  }

  issue(options: TestCertificateOptions = {}): TestCertificate {
    const { commonName = 'localhost', names = LOOPBACK_NAMES, keyType = 'ec' } = options;
    const key = newKey(keyType);
    const own = this.#certify({
      subject: nameOf(commonName),
      subjectKey: key,
      names,
      ...(options.validFrom && { validFrom: options.validFrom }),
      ...(options.validTo && { validTo: options.validTo }),
    });
    return {
      certificatePem: own + this.chainPem,
      keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  }

  /** A list of certificates of this authority that are revoked, for `LIBPROCESS_SSL_CRL_FILE`. */
  revoke(
    certificatePems: readonly string[],
    { validTo = new Date(Date.now() + DAY_MS) } = {},
  ): string {
    const from = time(new Date(Date.now() - DAY_MS));
    const revoked = certificatePems.map((pem) => {
      const serial = Buffer.from(new X509Certificate(pem).serialNumber, 'hex');
      return sequence(integer(serial), from);
    });
    const toBeSigned = sequence(
      ECDSA_SHA256,
      this.#name,
      from,
      time(validTo),
      ...(revoked.length > 0 ? [sequence(...revoked)] : []),
    );
    return signedPem('X509 CRL', toBeSigned, this.#key);
  }

  #certify(parts: Omit<Parts, 'issuer' | 'issuerKey'>): string {
    return certify({ ...parts, issuer: this.#name, issuerKey: this.#key });
  }
}

interface Parts {
  readonly subject: Buffer;
  readonly subjectKey: KeyObject;
  readonly issuer: Buffer;
  readonly issuerKey: KeyObject;
  /** Absent: an authority. */
  readonly names?: readonly string[];
  readonly validFrom?: Date;
  readonly validTo?: Date;
}

const newKey = (type: 'ec' | 'rsa'): KeyObject =>
  type === 'ec'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    : generateKeyPairSync('rsa', { modulusLength: RSA_BITS }).privateKey;

const COMMON_NAME = '2.5.4.3';

const nameOf = (commonName: string): Buffer =>
  sequence(set(sequence(oid(COMMON_NAME), utf8(commonName))));

const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const VERSION_3 = Buffer.of(2);

/** RFC 5280, as far as tests of TLS need it. */
function certify(parts: Parts): string {
  const { subject, subjectKey, issuer, issuerKey } = parts;
  const now = Date.now();
  const validFrom = parts.validFrom ?? new Date(now - DAY_MS);
  const validTo = parts.validTo ?? new Date(now + DAY_MS);
  const extensions = parts.names ? [alternativeNames(parts.names)] : authorityExtensions();
  const toBeSigned = sequence(
    explicit(0, integer(VERSION_3)),
    integer(randomBytes(SERIAL_BYTES)),
    ECDSA_SHA256,
    issuer,
    sequence(time(validFrom), time(validTo)),
    subject,
    createPublicKey(subjectKey).export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  );
  return signedPem('CERTIFICATE', toBeSigned, issuerKey);
}

function signedPem(what: string, toBeSigned: Buffer, key: KeyObject): string {
  const whole = sequence(toBeSigned, ECDSA_SHA256, bits(sign('sha256', toBeSigned, key)));
  const lines = whole.toString('base64').replace(/(.{64})(?=.)/g, '$1\n');
  return `-----BEGIN ${what}-----\n${lines}\n-----END ${what}-----\n`;
}

const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
/** To sign certificates, and lists of revoked ones: the first seven bits, of which the last two are set. */
const SIGNS_CERTIFICATES = bits(Buffer.of(0b0000_0110), 1);

const authorityExtensions = (): Buffer[] => [
  sequence(oid(BASIC_CONSTRAINTS), bool(true), octets(sequence(bool(true)))),
  sequence(oid(KEY_USAGE), bool(true), octets(SIGNS_CERTIFICATES)),
];

const alternativeNames = (names: readonly string[]): Buffer =>
  sequence(
    oid(SUBJECT_ALTERNATIVE_NAME),
    octets(
      sequence(
        ...names.map((name) =>
          isIP(name) === 0 ? implicit(2, Buffer.from(name)) : implicit(7, ipBytes(name)),
        ),
      ),
    ),
  );

function ipBytes(ip: string): Buffer {
  if (isIP(ip) === 4) return Buffer.from(ip.split('.').map(Number));
  const groups = ipv6Groups(canonicalIp(ip) ?? ip);
  const hex = groups.map((group) => group.padStart(4, '0')).join('');
  return Buffer.from(hex, 'hex');
}
