import { OptionError } from '../errors.ts';
import { OptionReader, type Environment } from './option-reader.ts';

export const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
/** A version of TLS, as `LIBPROCESS_SSL_ENABLE_*` names it. */
export type TlsVersion = (typeof TLS_VERSIONS)[number];

/** How the certificate of a peer must name it: `docs/ssl.md` of Mesos. */
export const VALIDATION_SCHEMES = ['legacy', 'openssl'] as const;

/** How a node speaks TLS. Names and defaults are those of `LIBPROCESS_SSL_*` in Mesos. */
export interface SslOptions {
  /** PEM files; the certificate is followed by those of its intermediate authorities. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Of an encrypted key: itself, or `file://` and the path of a file that has it. Never logged. */
  readonly keyPassphrase: string | undefined;
  /** Serve those who speak no TLS too, and speak plainly to servers that do not. */
  readonly supportDowngrade: boolean;
  /** Whether servers that we connect to must prove who they are. */
  readonly verifyServerCert: boolean;
  /** Whether those who connect to us must. It implies `verifyServerCert`. */
  readonly requireClientCert: boolean;
  /** Whether a certificate may name its owner by IP address. */
  readonly verifyIpAddress: boolean;
  /** Intermediate authorities between a certificate and one that is trusted. */
  readonly verificationDepth: number;
  /** PEM files of trusted authorities; with neither, those that Node.js brings. */
  readonly caFile: string | undefined;
  readonly caDir: string | undefined;
  /**
   * PEM file of the lists of revoked certificates. With one, each authority of a chain must have a list
   * that is in force: a certificate whose authority has none is refused.
   */
  readonly crlFile: string | undefined;
  /** In OpenSSL's words, up to TLS 1.2. */
  readonly ciphers: string;
  /** Curves by name, colons between them, or `auto`. */
  readonly ecdhCurves: string;
  readonly hostnameValidationScheme: (typeof VALIDATION_SCHEMES)[number];
  /** At least one. */
  readonly versions: readonly TlsVersion[];
  /** What is odd about these options: sentences for the log. */
  readonly warnings: readonly string[];
}

/** Options for programs that do not take them from the environment. */
export type SslSettings = Pick<SslOptions, 'certFile' | 'keyFile'> & Partial<SslOptions>;

/**
 * The ciphers that Mesos names are kept for its sake, at the end: they have no forward secrecy, or
 * no longer exist in OpenSSL, and none of them works with an EC key.
 */
const CIPHERS = [
  'ECDHE+AESGCM',
  'ECDHE+CHACHA20',
  'DHE-RSA-AES128-GCM-SHA256',
  'DHE-RSA-AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
  'DHE-RSA-AES128-SHA',
  'DHE-RSA-AES256-SHA',
].join(':');

const VERIFICATION_DEPTH = 4;
const VERIFICATION_DEPTH_MAX = 100;

export function sslOptions(settings: SslSettings): SslOptions {
  const { requireClientCert = false } = settings;
  const options = {
    supportDowngrade: false,
    verifyServerCert: false,
    verifyIpAddress: false,
    verificationDepth: VERIFICATION_DEPTH,
    caFile: undefined,
    caDir: undefined,
    crlFile: undefined,
    keyPassphrase: undefined,
    ciphers: CIPHERS,
    ecdhCurves: 'auto',
    hostnameValidationScheme: 'legacy',
    versions: ['TLSv1.2'],
    ...settings,
  } as const;
  return {
    ...options,
    requireClientCert,
    verifyServerCert: options.verifyServerCert || requireClientCert,
    warnings: [...(settings.warnings ?? []), ...warningsOf(options, requireClientCert)],
  };
}

function warningsOf(
  { supportDowngrade, verifyServerCert }: Omit<SslOptions, 'requireClientCert' | 'warnings'>,
  requireClientCert: boolean,
): string[] {
  const verifies = verifyServerCert || requireClientCert;
  return [
    ...(verifies ? [] : ['Certificates of servers are not verified: anybody may pose as one']),
    ...(supportDowngrade ? ['Peers that speak no TLS are spoken to plainly'] : []),
    ...(supportDowngrade && verifies
      ? ['Certificates are verified, but whoever speaks no TLS needs none']
      : []),
  ];
}

/** Every name that has a meaning, and the deprecated or misprinted one that Mesos takes or documents. */
const NAMES = new Set([
  ...['enabled', 'support_downgrade', 'cert_file', 'key_file', 'verify_cert', 'verify_server_cert'],
  ...['require_cert', 'require_client_cert', 'verify_ipadd', 'verification_depth', 'ca_dir'],
  ...['ca_file', 'ciphers', 'ecdh_curves', 'hostname_validation_scheme', 'enable_ssl_v3'],
  ...['enable_tls_v1_0', 'enable_tls_v1_1', 'enable_tls_v1_2', 'enable_tls_v1_3'],
  // Our own.
  ...['crl_file', 'key_passphrase'],
]);
const ALIASES: Readonly<Record<string, string>> = {
  LIBPROCESS_SSL_VERIFY_DEPTH: 'LIBPROCESS_SSL_VERIFICATION_DEPTH',
  LIBPROCESS_SSL_ECDH_CURVE: 'LIBPROCESS_SSL_ECDH_CURVES',
  LIBPROCESS_SSL_ENABLE_DOWNGRADE: 'LIBPROCESS_SSL_SUPPORT_DOWNGRADE',
};
const PREFIX = 'LIBPROCESS_SSL_';
const FORMER_PREFIX = 'SSL_';

/** Undefined unless `LIBPROCESS_SSL_ENABLED` says so. Fails with `OptionError`. */
export function readSslOptions(environment: Environment): SslOptions | undefined {
  const { merged, warnings } = withFormerNames(environment);
  const read = new OptionReader(merged, PREFIX);
  if (read.flag('enabled') !== true) return undefined;
  refuseUnknown(environment);
  const [keyFile, certFile] = [read.text('key_file'), read.text('cert_file')];
  if (keyFile === undefined || certFile === undefined) {
    const missing = read.variable(keyFile === undefined ? 'key_file' : 'cert_file');
    const what = keyFile === undefined ? 'a private key' : 'a certificate';
    throw new OptionError('MISSING_OPTION', `TLS needs ${what}: set ${missing} to its PEM file`);
  }
  const settings: { [K in keyof SslOptions]?: SslOptions[K] | undefined } = {
    keyFile,
    certFile,
    supportDowngrade: read.flag('support_downgrade'),
    verifyServerCert: either(read.flag('verify_server_cert'), read.flag('verify_cert')),
    requireClientCert: either(read.flag('require_client_cert'), read.flag('require_cert')),
    verifyIpAddress: read.flag('verify_ipadd'),
    verificationDepth: read.integer('verification_depth', 0, VERIFICATION_DEPTH_MAX),
    caFile: read.text('ca_file'),
    caDir: read.text('ca_dir'),
    crlFile: read.text('crl_file'),
    keyPassphrase: read.text('key_passphrase'),
    ciphers: read.text('ciphers'),
    ecdhCurves: read.text('ecdh_curves'),
    hostnameValidationScheme: read.oneOf('hostname_validation_scheme', VALIDATION_SCHEMES),
    versions: versions(read),
    warnings: [...warnings, ...renamed(read)],
  };
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return sslOptions({ keyFile, certFile, ...Object.fromEntries(given) });
}

const either = (now: boolean | undefined, former: boolean | undefined): boolean =>
  now === true || former === true;

const renamed = (read: OptionReader): string[] =>
  [
    ['verify_cert', 'verify_server_cert'],
    ['require_cert', 'require_client_cert'],
  ].flatMap(([former = '', now = '']) =>
    read.flag(former) === true
      ? [`${read.variable(former)} is deprecated: it is ${read.variable(now)} now`]
      : [],
  );

/** `SSL_*`, as before Mesos 1.0, is read too; the longer name wins. */
function withFormerNames(environment: Environment): {
  readonly merged: Environment;
  readonly warnings: readonly string[];
} {
  const merged: Record<string, string | undefined> = {};
  const warnings: string[] = [];
  for (const name of NAMES) {
    const [now, former] = [PREFIX, FORMER_PREFIX].map((prefix) => `${prefix}${name.toUpperCase()}`);
    if (now === undefined || former === undefined) continue;
    const [value, old] = [environment[now], environment[former]];
    merged[now] = value ?? old;
    if (value === undefined && old !== undefined) {
      // Some are OpenSSL's and mean something else there, such as `SSL_CERT_FILE`: authorities.
      warnings.push(`${former} is taken for ${now}, which is not set`);
    } else if (old !== undefined && value !== old) {
      warnings.push(`${former} and ${now} differ: the second one counts`);
    }
  }
  return { merged, warnings };
}

/** A misspelt variable would leave a cluster open without a word. */
function refuseUnknown(environment: Environment): void {
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || value === undefined) continue;
    if (NAMES.has(variable.slice(PREFIX.length).toLowerCase())) continue;
    const meant = ALIASES[variable];
    const hint = meant === undefined ? 'unset it' : `the variable is ${meant}`;
    throw new OptionError('UNKNOWN_OPTION', `${variable} is not an option of TLS: ${hint}`);
  }
}

function versions(read: OptionReader): readonly TlsVersion[] {
  if (read.flag('enable_ssl_v3') === true) {
    throw new OptionError(
      'BAD_OPTION',
      `${read.variable('enable_ssl_v3')} is set, but Node.js has no SSL 3.0: unset it`,
    );
  }
  const enabled = TLS_VERSIONS.filter(
    (version, minor) => read.flag(`enable_tls_v1_${minor}`) ?? version === 'TLSv1.2',
  );
  if (enabled.length > 0) return enabled;
  const variable = read.variable('enable_tls_v1_2');
  throw new OptionError('BAD_OPTION', `No version of TLS is enabled: set ${variable} to true`);
}
