import { describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const KIT = 'tests/e2e/support/kit';
/** An hour of a cluster takes long on a busy machine. */
const PATIENCE_MS = 60_000;
const { PATH } = process.env;

/** Without the variables by which a runner inside of another one reports to that. */
const run = (...args: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(process.execPath, [...args], { cwd: ROOT, env: { PATH } });

describe('the kit for tests of actors and of frameworks', () => {
  test('works under node:test, as it is published', async () => {
    const { stdout } = await run('--test', '--test-reporter=tap', `${KIT}/kit.node.js`);
    expect(stdout).toMatch(/^# pass 9\n# fail 0$/m);
  });

  test('works under jest, as it is published', async () => {
    const config = JSON.stringify({
      rootDir: KIT,
      testMatch: ['**/kit.jest.js'],
      testTimeout: PATIENCE_MS,
      transform: {},
    });
    const { stderr } = await run(
      '--experimental-vm-modules',
      'node_modules/jest/bin/jest.js',
      `--config=${config}`,
    );
    expect(stderr).toMatch(/^Tests: {7}9 passed, 9 total$/m);
  });

  test('works under vitest, as it is published', async () => {
    const { stdout } = await run(
      'node_modules/vitest/vitest.mjs',
      'run',
      `--root=${KIT}`,
      `--testTimeout=${PATIENCE_MS}`,
    );
    expect(stdout).toMatch(/^ *Tests {2}9 passed \(9\)$/m);
  });
});
