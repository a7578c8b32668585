import './node-version.js';
import { readFileSync, rmSync } from 'node:fs';
import { BUILT, bootstrap } from './bootstrap.js';
import { StepError } from './errors.js';
import { resultFile, runTool } from './tools.js';

// `npm test`: every check, then every test. A failed check does not stop the others; each counts as
// one failure in the last line, which is `<N> passed, <N> failed` and nothing else.
const CHECKS = ['typecheck', 'lint', 'format:check', 'docs'];
const TESTS = ['test:parallel', 'test:e2e'];
/** Ends what blocks: a test that never comes back to jest cannot be timed by it. Each takes about five minutes. */
const TESTS_TIMEOUT_MS = 40 * 60_000;

let passed = 0;
let failed = 0;

try {
  await bootstrap(BUILT);
  for (const check of CHECKS) runCheck(check);
  for (const tests of TESTS) runTests(tests);
} catch (error) {
  failed += 1;
  process.stderr.write(`${error instanceof StepError ? error.message : error.stack}\n`);
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

function runCheck(name) {
  const code = timed(name, () => runTool(name));
  if (code !== 0) failed += 1;
}

function runTests(name) {
  const path = resultFile(name);
  rmSync(path, { force: true });
  const code = timed(name, () =>
    runTool(name, ['--json', `--outputFile=${path}`], TESTS_TIMEOUT_MS),
  );
  const result = readResult(path);
  passed += result.numPassedTests;
  // A suite that could not even be loaded has no failed test to be counted.
  const failures = result.numFailedTests + result.numRuntimeErrorTestSuites;
  failed += failures === 0 && code !== 0 ? 1 : failures;
}

/** With no test selected jest writes no result. */
function readResult(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0 };
  }
}

function timed(name, run) {
  const startedAtMs = performance.now();
  process.stdout.write(`${name} ...\n`);
  const code = run();
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  process.stdout.write(`${name} ${code === 0 ? 'passed' : 'FAILED'} in ${seconds} s\n`);
  return code;
}
