import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { CertificateError } from '../../errors.ts';
import { SILENT_LOGGER, type Logger } from '../../logger.ts';
import { sslOptions, type SslSettings } from '../../options/ssl-options.ts';
import { CredentialStore } from './credential-store.ts';
import { loadCredentials } from './credentials.ts';
import { TestAuthority } from './test-certificates.ts';
import { TestFiles } from './test-files.ts';

const authority = TestAuthority.create();
const files = new TestFiles();
afterAll(() => {
  files[Symbol.dispose]();
});

interface Stage {
  readonly store: CredentialStore;
  readonly log: string[];
  /** Lets the time pass after which the files are looked at again. */
  pass(): void;
}

function open(settings: SslSettings): Stage {
  const log: string[] = [];
  const tell = (message: string, fields?: { readonly reason?: string }) => {
    log.push(`${message} ${fields?.reason ?? ''}`.trim());
  };
  const logger: Logger = { ...SILENT_LOGGER, info: tell, warn: tell, error: tell };
  let nowMs = 0;
  const store = new CredentialStore(sslOptions(settings), logger, () => nowMs);
  return { store, log, pass: () => (nowMs += 1_000) };
}

describe('the credentials of a node', () => {
  test('follow their files, a second later at most', () => {
    const paths = files.node(authority, { commonName: 'old' });
    const { store, log, pass } = open(paths);
    const { certificatePem, keyPem } = authority.issue({ commonName: 'new' });
    writeFileSync(paths.certFile, certificatePem);
    writeFileSync(paths.keyFile, keyPem);
    expect(store.current.certificate.subject).toBe('CN=old');
    pass();
    expect(store.current.certificate.subject).toBe('CN=new');
    expect(log).toEqual(['Loaded a new certificate']);
    pass();
    expect(store.current).toBe(store.current);
    expect(log).toHaveLength(1);
  });

  test('follow a file that another one took the place of', () => {
    const paths = files.node(authority, { commonName: 'old' });
    const next = files.node(authority, { commonName: 'new' });
    const { store, pass } = open(paths);
    renameSync(next.keyFile, paths.keyFile);
    renameSync(next.certFile, paths.certFile);
    pass();
    expect(store.current.certificate.subject).toBe('CN=new');
  });

  test('stay as they were while the new files are bad, which is told once', () => {
    const paths = files.node(authority, { commonName: 'old' });
    const { store, log, pass } = open(paths);
    const former = store.current;
    const { certificatePem, keyPem } = authority.issue({ commonName: 'new' });
    writeFileSync(paths.certFile, certificatePem);
    for (let check = 0; check < 3; check += 1) {
      pass();
      expect(store.current).toBe(former);
    }
    expect(log).toEqual([
      `Kept the former certificate: the new files cannot be used The private key '${paths.keyFile}' does not belong to the certificate '${paths.certFile}'`,
    ]);
    rmSync(paths.keyFile);
    pass();
    expect(store.current).toBe(former);
    expect(log).toHaveLength(2);
    writeFileSync(paths.keyFile, keyPem);
    pass();
    expect(store.current.certificate.subject).toBe('CN=new');
  });

  test('stay as they were while a file cannot even be looked at, which is told once', () => {
    const paths = files.node(authority, { commonName: 'old' });
    const { store, log, pass } = open(paths);
    const former = store.current;
    const certificatePem = readFileSync(paths.certFile);
    rmSync(paths.certFile);
    symlinkSync(paths.certFile, paths.certFile);
    for (let check = 0; check < 3; check += 1) {
      pass();
      expect(store.current).toBe(former);
    }
    expect(log).toHaveLength(1);
    expect(log[0]).toContain('Kept the former certificate');
    rmSync(paths.certFile);
    writeFileSync(paths.certFile, certificatePem);
    pass();
    expect(store.current).not.toBe(former);
    expect(log.at(-1)).toBe('Loaded a new certificate');
  });

  test('follow the lists of revoked certificates, too', () => {
    const crlFile = files.write('list', authority.revoke([]));
    const { store, pass } = open({ ...files.node(authority), crlFile });
    const former = store.current;
    const { certificatePem } = authority.issue();
    writeFileSync(crlFile, authority.revoke([certificatePem]) + authority.revoke([]));
    pass();
    expect(store.current.options.crl).toHaveLength(2);
    expect(store.current).not.toBe(former);
  });

  test('follow the authorities, too', () => {
    const directory = join(files.directory, 'authorities');
    mkdirSync(join(directory, 'sub'), { recursive: true });
    writeFileSync(join(directory, 'one.pem'), authority.certificatePem);
    writeFileSync(join(directory, 'README'), 'no certificate');
    const { certFile, keyFile } = files.node(authority);
    const { store, log, pass } = open({ certFile, keyFile, caDir: directory });
    expect(store.current.options.ca).toHaveLength(1);
    writeFileSync(join(directory, 'two.pem'), TestAuthority.create('Two').certificatePem);
    pass();
    expect(store.current.options.ca).toHaveLength(2);
    rmSync(directory, { recursive: true });
    pass();
    expect(store.current.options.ca).toHaveLength(2);
    expect(log.at(-1)).toContain(`Failed to read the directory of authorities '${directory}'`);
  });

  test.each([
    ['has expired', { validTo: new Date(0) }],
    [
      'is not valid yet',
      { validFrom: new Date(Date.UTC(2200, 0)), validTo: new Date(Date.UTC(2201, 0)) },
    ],
  ])('are told of where the certificate %s', (state, validity) => {
    const { log } = open(files.node(authority, validity));
    expect(log).toEqual([`The certificate ${state}: peers that verify it will refuse us`]);
  });
});

describe('an encrypted private key', () => {
  const PASSPHRASE = 'open sesame';
  const encrypted = (): { readonly certFile: string; readonly keyFile: string } => {
    const { certFile, keyFile } = files.node(authority);
    const pem = createPrivateKey(readFileSync(keyFile)).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: PASSPHRASE,
    });
    writeFileSync(keyFile, pem);
    return { certFile, keyFile };
  };

  test('is opened by its passphrase, given or in a file', () => {
    const keyPassphrase = `file://${files.write('passphrase', `${PASSPHRASE}\n`)}`;
    for (const given of [PASSPHRASE, keyPassphrase]) {
      const { store } = open({ ...encrypted(), keyPassphrase: given });
      expect(store.current.certificate.subject).toBe('CN=localhost');
    }
  });

  test('is named where it is not opened, and its passphrase is not', () => {
    const paths = encrypted();
    const told = (keyPassphrase?: string): string => {
      try {
        loadCredentials(sslOptions({ ...paths, ...(keyPassphrase && { keyPassphrase }) }));
      } catch (error) {
        const shown = inspect(error, { depth: 9, showHidden: true });
        expect(shown).not.toContain('open barley');
        return error instanceof CertificateError ? error.message : shown;
      }
      return 'it was opened';
    };
    const key = `The private key '${paths.keyFile}'`;
    expect(told()).toBe(`${key} is encrypted: set LIBPROCESS_SSL_KEY_PASSPHRASE`);
    expect(told('open barley')).toBe(`${key} is not opened by LIBPROCESS_SSL_KEY_PASSPHRASE`);
    expect(told('file:///none')).toBe(
      "Failed to read the passphrase '/none': no such file or directory",
    );
    const wrong = files.write('wrong', 'open barley');
    expect(told(`file://${wrong}`)).toBe(`${key} is not opened by LIBPROCESS_SSL_KEY_PASSPHRASE`);
  });

  test('is opened by the passphrase that the file has by now', () => {
    const { certFile, keyFile } = files.node(authority);
    const passphrase = files.write('later', 'not yet');
    const { store, pass } = open({ certFile, keyFile, keyPassphrase: `file://${passphrase}` });
    const next = encrypted();
    renameSync(next.keyFile, keyFile);
    renameSync(next.certFile, certFile);
    const former = store.current;
    pass();
    expect(store.current).toBe(former);
    writeFileSync(passphrase, PASSPHRASE);
    pass();
    expect(store.current).not.toBe(former);
  });
});

describe('files that cannot be used', () => {
  const good = files.node(authority);
  const other = files.node(authority);
  const nonsense = files.write('nonsense', 'x');
  const broken = files.write(
    'broken',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
  );
  const brokenList = files.write(
    'broken.crl',
    '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----',
  );
  const locked = files.write(
    'locked',
    '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n',
  );

  test.each([
    [{ certFile: '/none' }, "Failed to read the certificate '/none': no such file or directory"],
    [{ keyFile: '/none' }, "Failed to read the private key '/none': no such file or directory"],
    [{ caFile: '/none' }, "Failed to read the certificate authority '/none': no such file"],
    [{ caDir: '/none' }, "Failed to read the directory of authorities '/none': no such file"],
    [{ certFile: nonsense }, `'${nonsense}' holds no certificate in PEM`],
    [{ certFile: broken }, `'${broken}' holds a certificate that cannot be read`],
    [{ keyFile: nonsense }, `'${nonsense}' holds no private key in PEM`],
    [{ keyFile: good.certFile }, `'${good.certFile}' holds no private key in PEM`],
    [{ keyFile: locked }, 'private key'],
    [{ caFile: nonsense }, `'${nonsense}' holds no certificate in PEM`],
    [{ crlFile: '/none' }, "Failed to read the list of revoked certificates '/none': no such file"],
    [{ crlFile: nonsense }, `'${nonsense}' holds no list of revoked certificates in PEM`],
    [{ crlFile: brokenList }, `'${brokenList}' holds a list that cannot be read`],
    [{ keyFile: other.keyFile }, 'does not belong to the certificate'],
    [{ ciphers: 'NONE-SUCH' }, "ciphers 'NONE-SUCH'"],
    [{ ecdhCurves: 'P-1' }, "curves 'P-1'"],
  ])('are named: %j', (wrong, message) => {
    const load = () => loadCredentials(sslOptions({ ...good, ...wrong }));
    expect(load).toThrow(CertificateError);
    expect(load).toThrow(message);
  });

  test('are named where they may not be read', () => {
    chmodSync(other.keyFile, 0);
    const load = () => loadCredentials(sslOptions(other));
    // Nothing is unreadable for root.
    if (process.getuid?.() === 0) expect(load).not.toThrow();
    else expect(load).toThrow('permission denied');
  });
});

describe('a certificate for tests', () => {
  test('is one that OpenSSL reads and verifies', () => {
    for (let round = 0; round < 300; round += 1) {
      const { certificatePem } = authority.issue({
        names: ['a.example', '10.0.0.1', '2001:db8::1'],
      });
      const certificate = new X509Certificate(certificatePem);
      const root = new X509Certificate(authority.certificatePem);
      expect(certificate.subjectAltName).toBe(
        'DNS:a.example, IP Address:10.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1',
      );
      expect(certificate.checkIssued(root) && certificate.verify(root.publicKey)).toBe(true);
      expect([certificate.ca, root.ca]).toEqual([false, true]);
    }
  });
});
