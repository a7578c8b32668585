import { TestAuthority } from '../../libprocess/node/tls/test-certificates.ts';
import { mutualTls, TestFiles } from '../../libprocess/node/tls/test-files.ts';

/** `LIBPROCESS_SSL_*` for nodes of this program and its children that prove themselves to one another. */
export function secureEnvironment(): Disposable {
  const files = new TestFiles();
  Object.assign(process.env, mutualTls(files.node(TestAuthority.create())));
  return {
    [Symbol.dispose]: () => {
      for (const name of Object.keys(process.env))
        if (name.startsWith('LIBPROCESS_SSL_')) Reflect.deleteProperty(process.env, name);
      files[Symbol.dispose]();
    },
  };
}
