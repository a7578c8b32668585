import tseslint from 'typescript-eslint';

const SIZE_LIMITS = {
  'max-lines': ['error', { max: 400 }],
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
  'max-params': ['error', { max: 3 }],
};

const HOUSE_STYLE = {
  ...SIZE_LIMITS,
  eqeqeq: 'error',
  'no-console': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
};

const TYPED_RULES = {
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
  '@typescript-eslint/no-import-type-side-effects': 'error',
  '@typescript-eslint/explicit-module-boundary-types': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': [
    'error',
    { considerDefaultExhaustiveForUnions: true },
  ],
  // A failure that nobody looks at is counted by Future itself and ends nothing.
  '@typescript-eslint/no-floating-promises': [
    'error',
    { allowForKnownSafePromises: [{ from: 'file', name: 'Future' }] },
  ],
  '@typescript-eslint/restrict-template-expressions': [
    'error',
    { allowNumber: true, allow: [{ from: 'lib', name: ['Error', 'URL'] }] },
  ],
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', ignoreRestSiblings: true },
  ],
  // Old clients live on fields that the .proto marks deprecated: serving them is the point.
  '@typescript-eslint/no-deprecated': 'off',
  // An interface asks for a Promise also where one implementation has nothing to wait for.
  '@typescript-eslint/require-await': 'off',
  // A type parameter may be there only to keep two kinds of value apart, as in PID<T>.
  '@typescript-eslint/no-unnecessary-type-parameters': 'off',
  '@typescript-eslint/no-extraneous-class': ['error', { allowConstructorOnly: true }],
  '@typescript-eslint/no-empty-function': 'off',
  '@typescript-eslint/no-confusing-void-expression': [
    'error',
    { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
  ],
  '@typescript-eslint/consistent-type-definitions': 'off',
  '@typescript-eslint/no-unnecessary-condition': [
    'error',
    { allowConstantLoopConditions: 'only-allowed-literals' },
  ],
};

const RELAXED_IN_TESTS = {
  'max-lines-per-function': 'off',
  '@typescript-eslint/no-import-type-side-effects': 'error',
  '@typescript-eslint/explicit-module-boundary-types': 'off',
  '@typescript-eslint/unbound-method': 'off',
  // `await null` ends a turn.
  '@typescript-eslint/await-thenable': 'off',
};

// Banned calls and modules, import directions and cycles are the concern of tests/architecture.
export default tseslint.config(
  {
    ignores: ['dist/', 'node_modules/', '.cache/', 'coverage/', 'proto/generated/'],
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { ...HOUSE_STYLE, ...TYPED_RULES },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.recommended], rules: HOUSE_STYLE },
  // Called once per field by generated code: an options object each would be the largest cost.
  { files: ['proto/wire/**'], rules: { 'max-params': ['error', { max: 5 }] } },
  { files: ['**/*.test.ts', 'tests/**/*.ts'], rules: RELAXED_IN_TESTS },
  { files: ['cli/**', 'bench/**', 'examples/**', 'simulation/**'], rules: { 'no-console': 'off' } },
);
