import { describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const TESTS = fileURLToPath(new URL('support/test-cluster.node.js', import.meta.url));
const { PATH } = process.env;

describe('testCluster', () => {
  test('works under node:test, as it is published', async () => {
    const args = ['--test', '--test-reporter=tap', TESTS];
    // Without the variables by which a runner inside of another one reports to that.
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH } });
    expect(stdout).toMatch(/^# pass 4\n# fail 0$/m);
  });
});
