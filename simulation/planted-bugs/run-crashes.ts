import { runMatrix } from '../crash-matrix/matrix.ts';
import { runCase, type CaseOutcome } from '../crash-matrix/run-case.ts';
import { STORIES } from '../crash-matrix/stories.ts';

// `run-crashes [CASES]`: one line for each case of the crash matrix that has begun, up to the first that
// fails; then one of JSON with why. What is thrown outside of the story fails the case as well.
const limit = Number(process.argv[2] ?? Infinity);
let begun = 0;
let running = '';
process.on('uncaughtException', failed);
process.on('unhandledRejection', failed);
await runMatrix({ stories: Object.keys(STORIES), all: false }, runAll);

async function runAll(ids: readonly string[]): Promise<readonly CaseOutcome[]> {
  const outcomes: CaseOutcome[] = [];
  for (const id of ids) {
    if (begun === limit) process.exit(0);
    begun += 1;
    running = id;
    say(`case ${id}`);
    const outcome = await runCase(id);
    if (outcome.violation !== undefined) failed(outcome.violation);
    outcomes.push(outcome);
  }
  return outcomes;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function failed(error: unknown): never {
  const named = typeof error === 'object' && error !== null && 'message' in error;
  const message = named ? String(error.message) : String(error);
  say(JSON.stringify({ violation: `${message.split('\n', 1)[0] ?? ''} (${running})` }));
  process.exit(1);
}
