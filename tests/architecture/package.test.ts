import { describe, expect, test } from '@jest/globals';
import { readText } from './read-source-tree.ts';

interface Package {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string>>;
}
interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>
  >;
}

/** A user installs these too: each is weight, and trust. */
const RUNTIME_DEPENDENCIES_MAX = 15;

const own = JSON.parse(readText('package.json')) as Package;
const { devDependencies } = own;
const dependencies = { ...own.dependencies, ...own.optionalDependencies };
const { packages } = JSON.parse(readText('package-lock.json')) as Lock;

describe('the package', () => {
  test('depends on few others at run time', () => {
    expect(Object.keys(dependencies).length).toBeLessThanOrEqual(RUNTIME_DEPENDENCIES_MAX);
  });

  test.each(Object.entries({ ...dependencies, ...devDependencies }))(
    'wants exactly one version of %s',
    (_name, version) => {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    },
  );

  test('is documented in all that it exports (`npm run docs`)', () => {
    const { entryPoints } = JSON.parse(readText('typedoc.json')) as {
      readonly entryPoints: readonly string[];
    };
    const exported = Object.values(own.exports).map((path) =>
      path.replace(/^\.\/dist\/(.*)\.js$/, '$1.ts'),
    );
    expect([...entryPoints].sort()).toEqual(exported.sort());
  });

  test('has one table of scripts', () => {
    expect(readText('package.json').match(/"scripts":/g)).toHaveLength(1);
  });

  test('locks the binaries of every platform, without which `npm ci` refuses (`npm run lock`)', () => {
    const missing = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
      Object.entries(optionalDependencies)
        .filter(([name, version]) => /^\d/.test(version) && !(`node_modules/${name}` in packages))
        .map(([name]) => name),
    );
    expect(missing).toEqual([]);
  });
});
