import { describe, expect, test } from '@jest/globals';
import { OptionError } from '../errors.ts';
import { readSslOptions, sslOptions } from './ssl-options.ts';

const FILES = { LIBPROCESS_SSL_CERT_FILE: '/c.pem', LIBPROCESS_SSL_KEY_FILE: '/k.pem' };
const ENABLED = { LIBPROCESS_SSL_ENABLED: 'true', ...FILES };

describe('the options of TLS', () => {
  test.each([{}, FILES, { ...FILES, LIBPROCESS_SSL_ENABLED: '0' }])(
    'are none unless it is enabled: %j',
    (environment) => {
      expect(readSslOptions(environment)).toBeUndefined();
    },
  );

  test('have the defaults of Mesos', () => {
    expect(readSslOptions(ENABLED)).toMatchObject({
      certFile: '/c.pem',
      keyFile: '/k.pem',
      supportDowngrade: false,
      verifyServerCert: false,
      requireClientCert: false,
      verifyIpAddress: false,
      verificationDepth: 4,
      caFile: undefined,
      caDir: undefined,
      ecdhCurves: 'auto',
      hostnameValidationScheme: 'legacy',
      versions: ['TLSv1.2'],
    });
  });

  test('are all that the environment says', () => {
    expect(
      readSslOptions({
        ...ENABLED,
        LIBPROCESS_SSL_SUPPORT_DOWNGRADE: 'true',
        LIBPROCESS_SSL_VERIFY_SERVER_CERT: '1',
        LIBPROCESS_SSL_VERIFY_IPADD: 'true',
        LIBPROCESS_SSL_VERIFICATION_DEPTH: '2',
        LIBPROCESS_SSL_CA_FILE: '/ca.pem',
        LIBPROCESS_SSL_CA_DIR: '/ca',
        LIBPROCESS_SSL_CIPHERS: 'ECDHE+AESGCM',
        LIBPROCESS_SSL_ECDH_CURVES: 'P-521:P-384',
        LIBPROCESS_SSL_HOSTNAME_VALIDATION_SCHEME: 'openssl',
        LIBPROCESS_SSL_ENABLE_TLS_V1_2: 'false',
        LIBPROCESS_SSL_ENABLE_TLS_V1_1: 'true',
        LIBPROCESS_SSL_ENABLE_TLS_V1_3: 'true',
      }),
    ).toMatchObject({
      supportDowngrade: true,
      verifyServerCert: true,
      requireClientCert: false,
      verifyIpAddress: true,
      verificationDepth: 2,
      caFile: '/ca.pem',
      caDir: '/ca',
      ciphers: 'ECDHE+AESGCM',
      ecdhCurves: 'P-521:P-384',
      hostnameValidationScheme: 'openssl',
      versions: ['TLSv1.1', 'TLSv1.3'],
    });
  });

  test('verify servers where clients must prove themselves', () => {
    expect(readSslOptions({ ...ENABLED, LIBPROCESS_SSL_REQUIRE_CERT: '1' })).toMatchObject({
      requireClientCert: true,
      verifyServerCert: true,
      warnings: [
        'LIBPROCESS_SSL_REQUIRE_CERT is deprecated: it is LIBPROCESS_SSL_REQUIRE_CLIENT_CERT now',
      ],
    });
    expect(
      sslOptions({ certFile: '', keyFile: '', requireClientCert: true }).verifyServerCert,
    ).toBe(true);
  });

  test('have former names, of which the present ones win with a warning', () => {
    const former = { SSL_ENABLED: '1', SSL_CERT_FILE: '/old.pem', SSL_KEY_FILE: '/k.pem' };
    expect(readSslOptions(former)).toMatchObject({
      certFile: '/old.pem',
      warnings: expect.arrayContaining([
        'SSL_CERT_FILE is taken for LIBPROCESS_SSL_CERT_FILE, which is not set',
      ]) as unknown,
    });
    expect(readSslOptions({ SSL_CERT_FILE: '/authorities.pem' })).toBeUndefined();
    const both = readSslOptions({ ...former, ...FILES, SSL_VERIFY_CERT: '1' });
    expect(both).toMatchObject({ certFile: '/c.pem', verifyServerCert: true });
    expect(both?.warnings).toEqual([
      'SSL_ENABLED is taken for LIBPROCESS_SSL_ENABLED, which is not set',
      'SSL_CERT_FILE and LIBPROCESS_SSL_CERT_FILE differ: the second one counts',
      'SSL_VERIFY_CERT is taken for LIBPROCESS_SSL_VERIFY_CERT, which is not set',
      'LIBPROCESS_SSL_VERIFY_CERT is deprecated: it is LIBPROCESS_SSL_VERIFY_SERVER_CERT now',
    ]);
  });

  test('warn of what leaves a hole', () => {
    expect(readSslOptions(ENABLED)?.warnings).toEqual([
      'Certificates of servers are not verified: anybody may pose as one',
    ]);
    const verified = { ...ENABLED, LIBPROCESS_SSL_VERIFY_SERVER_CERT: '1' };
    expect(readSslOptions(verified)?.warnings).toEqual([]);
    expect(
      readSslOptions({ ...verified, LIBPROCESS_SSL_SUPPORT_DOWNGRADE: '1' })?.warnings,
    ).toEqual([
      'Peers that speak no TLS are spoken to plainly',
      'Certificates are verified, but whoever speaks no TLS needs none',
    ]);
  });

  test.each([
    [{ LIBPROCESS_SSL_KEY_FILE: '' }, 'TLS needs a private key: set LIBPROCESS_SSL_KEY_FILE'],
    [{ LIBPROCESS_SSL_CERT_FILE: '' }, 'TLS needs a certificate: set LIBPROCESS_SSL_CERT_FILE'],
    [
      { LIBPROCESS_SSL_ENABLED: 'yes' },
      "LIBPROCESS_SSL_ENABLED is 'yes': it must be true, 1, false or 0",
    ],
    [{ LIBPROCESS_SSL_VERIFICATION_DEPTH: '-1' }, 'it must be a number from 0 to 100'],
    [{ LIBPROCESS_SSL_HOSTNAME_VALIDATION_SCHEME: 'new' }, 'it must be legacy or openssl'],
    [{ LIBPROCESS_SSL_ENABLE_SSL_V3: '1' }, 'Node.js has no SSL 3.0'],
    [{ LIBPROCESS_SSL_ENABLE_TLS_V1_2: '0' }, 'No version of TLS is enabled'],
    [{ LIBPROCESS_SSL_VERIFY_DEPTH: '3' }, 'the variable is LIBPROCESS_SSL_VERIFICATION_DEPTH'],
    [
      { LIBPROCESS_SSL_REQUIRE_CLIENT_CERTS: '1' },
      'LIBPROCESS_SSL_REQUIRE_CLIENT_CERTS is not an option',
    ],
  ])('name the variable that is wrong: %j', (wrong, message) => {
    const read = () => readSslOptions({ ...ENABLED, ...wrong });
    expect(read).toThrow(OptionError);
    expect(read).toThrow(message);
  });
});
