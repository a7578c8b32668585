import { describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const { PATH } = process.env;
/** Without the variables by which a runner inside of another one reports to that. */
const run = (...args: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(process.execPath, [...args], { cwd: ROOT, env: { PATH } });

describe('the kit for tests of actors', () => {
  test('works under node:test, as it is published', async () => {
    const suite = 'tests/e2e/support/actors.node.js';
    const { stdout } = await run('--test', '--test-reporter=tap', suite);
    expect(stdout).toMatch(/^# pass 5\n# fail 0$/m);
  });

  test('works under jest, as it is published', async () => {
    const config = JSON.stringify({
      rootDir: 'tests/e2e/support',
      testMatch: ['**/actors.jest.js'],
      transform: {},
    });
    const { stderr } = await run(
      '--experimental-vm-modules',
      'node_modules/jest/bin/jest.js',
      `--config=${config}`,
    );
    expect(stderr).toMatch(/^Tests: {7}5 passed, 5 total$/m);
  });
});
