import { createPrivateKey, constants, X509Certificate, type KeyObject } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import tls, { type SecureContext, type SecureContextOptions } from 'node:tls';
import { CertificateError } from '../../errors.ts';
import { TLS_VERSIONS, type SslOptions } from '../../options/ssl-options.ts';
import { codeOf, reasonOf } from '../system-errors.ts';

/** What a node proves itself with, and whom it believes: the contents of its files at one time. */
export interface Credentials {
  /** For servers; known to be good. */
  readonly options: SecureContextOptions;
  /** For connections that we make. */
  readonly context: SecureContext;
  readonly certificate: X509Certificate;
}

/** Certificates of authorities that are read from one directory. */
const AUTHORITIES_MAX = 1_000;

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const PEM_CRL = /-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----/g;

const NO_VERSION: Readonly<Record<string, number>> = {
  TLSv1: constants.SSL_OP_NO_TLSv1,
  'TLSv1.1': constants.SSL_OP_NO_TLSv1_1,
  'TLSv1.2': constants.SSL_OP_NO_TLSv1_2,
  'TLSv1.3': constants.SSL_OP_NO_TLSv1_3,
};

const TLS_1_3_CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
];

/** Reads the files that the options name. Fails with `CertificateError`, which names the culprit. */
export function loadCredentials(options: SslOptions): Credentials {
  const { certFile, keyFile } = options;
  const chain = certificatesIn(certFile, 'certificate');
  const [certificate] = chain;
  if (!certificate) throw new CertificateError('NO_CERTIFICATE', `'${certFile}' is empty`);
  const key = privateKeyIn(options);
  if (!certificate.checkPrivateKey(key)) {
    throw new CertificateError(
      'KEY_MISMATCH',
      `The private key '${keyFile}' does not belong to the certificate '${certFile}'`,
    );
  }
  const ca = authorities(options);
  const crl = revocations(options);
  const contextOptions: SecureContextOptions = {
    cert: chain.map(String).join(''),
    key: key.export({ type: 'pkcs8', format: 'pem' }),
    ...(ca && { ca }),
    ...(crl && { crl }),
    ...protocolOptions(options),
  };
  return { options: contextOptions, context: createContext(contextOptions, options), certificate };
}

function protocolOptions({ versions, ciphers, ecdhCurves }: SslOptions): SecureContextOptions {
  // OpenSSL 3 has the signatures of TLS 1.1 and before only at its lowest level.
  const old = versions.includes('TLSv1') || versions.includes('TLSv1.1');
  const [oldest, newest] = [versions[0], versions.at(-1)];
  const disabled = TLS_VERSIONS.filter((version) => !versions.includes(version));
  return {
    ciphers: [
      // Node.js turns TLS 1.3 off where none of its own ciphers is named.
      ...(versions.includes('TLSv1.3') && !ciphers.includes('TLS_') ? TLS_1_3_CIPHERS : []),
      ciphers,
      ...(old ? ['@SECLEVEL=0'] : []),
    ].join(':'),
    ecdhCurve: ecdhCurves,
    dhparam: 'auto',
    honorCipherOrder: true,
    ...(oldest && { minVersion: oldest }),
    ...(newest && { maxVersion: newest }),
    // No peer of ours renegotiates, and a resumed session would outlive its certificate.
    secureOptions: disabled.reduce(
      (bits, version) => bits | (NO_VERSION[version] ?? 0),
      constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET,
    ),
  };
}

function createContext(contextOptions: SecureContextOptions, options: SslOptions): SecureContext {
  try {
    return tls.createSecureContext(contextOptions);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const { certFile, keyFile, crlFile, ciphers, ecdhCurves } = options;
    if (reason.includes('CRL')) {
      throw new CertificateError(
        codeOf(cause),
        `'${crlFile}' holds a list that cannot be read`,
        cause,
      );
    }
    throw new CertificateError(
      codeOf(cause),
      `Failed to set up TLS with '${certFile}', '${keyFile}', ciphers '${ciphers}' and curves '${ecdhCurves}': ${reason}`,
      cause,
    );
  }
}

/** What is wrong with an encrypted key is told without what OpenSSL says, and never with the passphrase. */
function privateKeyIn({ keyFile, keyPassphrase }: SslOptions): KeyObject {
  const pem = read(keyFile, 'private key');
  try {
    return createPrivateKey({ key: pem, ...passphraseOf(keyPassphrase) });
  } catch (cause) {
    if (cause instanceof CertificateError) throw cause;
    const encrypted = pem.includes('ENCRYPTED');
    const wrong = keyPassphrase === undefined ? 'is encrypted: set' : 'is not opened by';
    throw new CertificateError(
      codeOf(cause),
      encrypted
        ? `The private key '${keyFile}' ${wrong} LIBPROCESS_SSL_KEY_PASSPHRASE`
        : `'${keyFile}' holds no private key in PEM`,
      cause,
    );
  }
}

function passphraseOf(given: string | undefined): { readonly passphrase?: string } {
  if (given === undefined) return {};
  const path = passphraseFile(given);
  // The end of its line is an editor's.
  return {
    passphrase: path === undefined ? given : read(path, 'passphrase').replace(/\r?\n$/, ''),
  };
}

/** Where a passphrase is read from, if it is not given itself. */
export const passphraseFile = (given: string | undefined): string | undefined =>
  given?.startsWith('file://') === true ? given.slice('file://'.length) : undefined;

function revocations({ crlFile }: SslOptions): string[] | undefined {
  if (crlFile === undefined) return undefined;
  const lists = read(crlFile, 'list of revoked certificates').match(PEM_CRL);
  if (lists) return [...lists];
  throw new CertificateError('NO_CRL', `'${crlFile}' holds no list of revoked certificates in PEM`);
}

function certificatesIn(path: string, what: string): readonly X509Certificate[] {
  const blocks = read(path, what).match(PEM_CERTIFICATE) ?? [];
  if (blocks.length === 0) {
    throw new CertificateError('NO_CERTIFICATE', `'${path}' holds no certificate in PEM`);
  }
  return blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      throw new CertificateError(
        codeOf(cause),
        `'${path}' holds a certificate that cannot be read`,
        cause,
      );
    }
  });
}

/** Undefined: those that Node.js brings. */
function authorities({ caFile, caDir }: SslOptions): string[] | undefined {
  if (caFile === undefined && caDir === undefined) return undefined;
  const ofFile = caFile === undefined ? [] : certificatesIn(caFile, 'certificate authority');
  const ofDirectory = caDir === undefined ? [] : certificatesUnder(caDir);
  return [...ofFile, ...ofDirectory].map(String);
}

/** What else lies in such a directory, such as lists of revoked certificates, is passed over. */
function certificatesUnder(directory: string): readonly X509Certificate[] {
  const names = filesUnder(directory).slice(0, AUTHORITIES_MAX);
  const found = names.flatMap((name) => {
    const blocks = read(join(directory, name), 'certificate authority').match(PEM_CERTIFICATE);
    return blocks ? certificatesIn(join(directory, name), 'certificate authority') : [];
  });
  if (found.length > 0) return found;
  throw new CertificateError('NO_CERTIFICATE', `'${directory}' holds no certificate in PEM`);
}

export function filesUnder(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((each) => !each.isDirectory()).map(({ name }) => name);
  } catch (cause) {
    throw unreadable(directory, 'directory of authorities', cause);
  }
}

function read(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, what, cause);
  }
}

function unreadable(path: string, what: string, cause: unknown): CertificateError {
  const code = codeOf(cause);
  return new CertificateError(
    code,
    `Failed to read the ${what} '${path}': ${reasonOf(code)}`,
    cause,
  );
}
