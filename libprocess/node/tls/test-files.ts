import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestAuthority, TestCertificateOptions } from './test-certificates.ts';

/** What a node of a test needs of `SslSettings`, or of `LIBPROCESS_SSL_*`. */
export interface NodeFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

/** Variables of nodes that prove themselves to one another. */
export const mutualTls = ({ certFile, keyFile, caFile }: NodeFiles): Record<string, string> => ({
  LIBPROCESS_SSL_ENABLED: 'true',
  LIBPROCESS_SSL_CERT_FILE: certFile,
  LIBPROCESS_SSL_KEY_FILE: keyFile,
  LIBPROCESS_SSL_CA_FILE: caFile,
  LIBPROCESS_SSL_REQUIRE_CLIENT_CERT: 'true',
  LIBPROCESS_SSL_VERIFY_IPADD: 'true',
});

/** A directory for the keys and certificates of a test, removed with it. */
export class TestFiles implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'libprocess-tls-'));
  #nodes = 0;

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  write(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  /** Files of a node whose certificate is of `authority`, and that trusts `trusted`. */
  node(
    authority: TestAuthority,
    options: TestCertificateOptions & { readonly trusted?: TestAuthority } = {},
  ): NodeFiles {
    const { certificatePem, keyPem } = authority.issue(options);
    const name = `node-${(this.#nodes += 1)}`;
    return {
      certFile: this.write(`${name}.crt`, certificatePem),
      keyFile: this.write(`${name}.key`, keyPem),
      caFile: this.write(`${name}.ca`, (options.trusted ?? authority).certificatePem),
    };
  }
}
