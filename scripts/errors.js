/** A step failed in a way that its message explains: no stack is shown. */
export class StepError extends Error {
  constructor(message) {
    super(message);
    this.name = new.target.name;
  }
}

/** Runs `main`; a StepError becomes its message on stderr and exit code 1. */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
