/** Tests run as the ES modules that ship; swc only strips types and lowers `using`. */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', explicitResourceManagement: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  moduleNameMapper: { '^fast-check$': '<rootDir>/tests/support/seeded-fast-check.js' },
  cacheDirectory: '<rootDir>/.cache/jest',
};

const worlds = ['<rootDir>/libprocess/node/', '<rootDir>/libprocess/sim/'];
const folders = (...names) => names.map((name) => `<rootDir>/tests/${name}/**/*.test.ts`);

export default {
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/scripts/end-of-run.cjs'],
  testSequencer: '<rootDir>/scripts/longest-first.cjs',
  // jest does not let go of the modules of earlier files; a full heap slows simulations threefold.
  workerIdleMemoryLimit: '500MB',
  // Ends what hangs. Tests are not timed: on a busy machine one may take long.
  testTimeout: 60_000,
  projects: [
    // The rules of cores and single actors, beside the code: milliseconds each.
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/!(tests)/**/*.test.ts'],
      testPathIgnorePatterns: [...shared.testPathIgnorePatterns, ...worlds],
    },
    // The real world and the simulated one, behind the seams of the runtime.
    { ...shared, displayName: 'worlds', testMatch: worlds.map((world) => `${world}**/*.test.ts`) },
    { ...shared, displayName: 'architecture', testMatch: folders('architecture') },
    // Stories in virtual time, all orders of events, contracts, transcripts and recordings of Mesos.
    {
      ...shared,
      displayName: 'scenario',
      testMatch: folders('scenario', 'orders', 'conformance', 'transcripts', 'golden'),
    },
    // Whole simulated clusters over many seeds.
    { ...shared, displayName: 'sim', testMatch: folders('simulation') },
    // Real processes, sockets and files, against `dist/`; one at a time.
    { ...shared, displayName: 'e2e', testMatch: folders('e2e', 'interop') },
  ],
};
