import { TestAuthority } from '../../libprocess/node/tls/test-certificates.ts';
import { TestFiles } from '../../libprocess/node/tls/test-files.ts';

/** `LIBPROCESS_SSL_*` for nodes of this program and its children that prove themselves to one another. */
export function secureEnvironment(): Disposable {
  const files = new TestFiles();
  const { certFile, keyFile, caFile } = files.node(TestAuthority.create());
  Object.assign(process.env, {
    LIBPROCESS_SSL_ENABLED: 'true',
    LIBPROCESS_SSL_CERT_FILE: certFile,
    LIBPROCESS_SSL_KEY_FILE: keyFile,
    LIBPROCESS_SSL_CA_FILE: caFile,
    LIBPROCESS_SSL_REQUIRE_CLIENT_CERT: 'true',
    LIBPROCESS_SSL_VERIFY_IPADD: 'true',
  });
  return {
    [Symbol.dispose]: () => {
      for (const name of Object.keys(process.env))
        if (name.startsWith('LIBPROCESS_SSL_')) Reflect.deleteProperty(process.env, name);
      files[Symbol.dispose]();
    },
  };
}
