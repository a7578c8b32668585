import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../logger.ts';
import type { SslOptions } from '../../options/ssl-options.ts';
import { filesUnder, loadCredentials, passphraseFile, type Credentials } from './credentials.ts';

/** How often, at most, the files are looked at. */
const CHECK_INTERVAL_MS = 1_000;

/**
 * The credentials of a node. A new connection gets what the files hold then, so that certificates
 * are replaced without a restart; connections that are open keep theirs. Files that cannot be used,
 * because they are bad or half written, are told once and change nothing.
 */
export class CredentialStore {
  readonly #options: SslOptions;
  readonly #logger: Logger;
  readonly #now: () => number;
  #credentials: Credentials;
  #stamp: string;
  #checkedAtMs: number;

  /** Fails with `CertificateError`. */
  constructor(options: SslOptions, logger: Logger, now: () => number = () => performance.now()) {
    this.#options = options;
    this.#logger = logger;
    this.#now = now;
    this.#checkedAtMs = now();
    this.#stamp = stampOf(options);
    this.#credentials = loadCredentials(options);
    this.#tellValidity();
  }

  get current(): Credentials {
    const now = this.#now();
    if (now - this.#checkedAtMs >= CHECK_INTERVAL_MS) {
      this.#checkedAtMs = now;
      this.#reload();
    }
    return this.#credentials;
  }

  #reload(): void {
    // The stamp is taken first: what is written while we read is looked at again.
    const stamp = stampOf(this.#options);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    const { certFile } = this.#options;
    try {
      this.#credentials = loadCredentials(this.#options);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger.error('Kept the former certificate: the new files cannot be used', { reason });
      return;
    }
    const { subject, validTo } = this.#credentials.certificate;
    this.#logger.info('Loaded a new certificate', { certFile, subject, validTo });
    this.#tellValidity();
  }

  #tellValidity(): void {
    const { subject, validFrom, validTo } = this.#credentials.certificate;
    const fields = { certFile: this.#options.certFile, subject, validFrom, validTo };
    const now = Date.now();
    if (now > Date.parse(validTo)) {
      this.#logger.warn('The certificate has expired: peers that verify it will refuse us', fields);
    } else if (now < Date.parse(validFrom)) {
      this.#logger.warn(
        'The certificate is not valid yet: peers that verify it will refuse us',
        fields,
      );
    }
  }
}

/** Differs if any of the files has been written or replaced. */
function stampOf({ certFile, keyFile, caFile, caDir, ...options }: SslOptions): string {
  const files = [certFile, keyFile, caFile, options.crlFile, passphraseFile(options.keyPassphrase)];
  const given = files.filter((file) => file !== undefined);
  return [...given, ...inDirectory(caDir)].map(stampOfFile).join(' ');
}

function inDirectory(directory: string | undefined): readonly string[] {
  if (directory === undefined) return [];
  try {
    return filesUnder(directory).map((name) => join(directory, name));
  } catch {
    return [];
  }
}

/** What cannot be looked at has its error for a stamp: reading it fails then, and is told. */
function stampOfFile(path: string): string {
  try {
    const stats = statSync(path, { bigint: true });
    return `${stats.ino}:${stats.mtimeNs}:${stats.ctimeNs}:${stats.size}`;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}
