const LINGER_MS = 10_000;

/** A jest reporter that ends a run which would not end by itself, for a test that failed or was careless left something open. */
module.exports = class EndOfRun {
  onRunComplete() {
    // It does not keep the run alive: it fires only if something else does.
    setTimeout(() => {
      process.stderr.write(
        'The run does not end: a test left a server, a socket or a timer open.\n',
      );
      process.exit(1);
    }, LINGER_MS).unref();
  }
};
