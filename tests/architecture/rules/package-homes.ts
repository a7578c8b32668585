import { isTest, type Rule } from '../source-tree.ts';

/** Where each third-party package may be imported; a new package needs a line here. */
const HOMES: Readonly<Record<string, RegExp>> = {
  // Benchmarks compare our links with what they are made of.
  ws: /^(libprocess\/(.+\/)?(node|ws)|bench\/peers)\//,
  pino: /^libprocess\/node\//,
  msgpackr: /^libprocess\/codec\//,
  protobufjs: /^proto\//,
  commander: /^cli\//,
  ioredis: /\/redis\//,
  bullmq: /\/redis\//,
  typescript: /^(tests\/architecture|simulation\/planted-bugs)\//,
  eslint: /^tests\/architecture\//,
};
/** Where packages for tests may be imported. */
const TEST_PACKAGES = new Set([
  '@jest/globals',
  '@opentelemetry/api',
  '@opentelemetry/sdk-trace-node',
  'fast-check',
  'zod',
]);

/** Every package has one home: replacing it touches one folder. */
export const packagesHaveHomes: Rule = (tree) =>
  [...tree.values()].flatMap(({ path, imports }) =>
    imports.flatMap(({ specifier, line }) => {
      if (specifier.startsWith('.') || specifier.startsWith('node:')) return [];
      const name = packageName(specifier);
      const allowed = TEST_PACKAGES.has(name)
        ? isTest(path) || path.startsWith('tests/')
        : HOMES[name]?.test(path) === true || isTestOf(path, name);
      return allowed ? [] : [`${path}:${line}: package '${name}' has no home here`];
    }),
  );

/** A test with real peers needs the client that the adapter needs. */
const isTestOf = (path: string, name: string): boolean =>
  name in HOMES && path.startsWith('tests/');

function packageName(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}
