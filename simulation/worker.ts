import { runSeed, type SeedRun } from './run-seed.ts';

// One process of a campaign: a seed comes in, its outcome goes out. Ends with the one who asks, who is
// the one that Ctrl-C is meant for.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
process.on('message', ({ seed, without }: SeedRun) => {
  void runSeed(seed, { without: new Set(without) }).then((outcome) => process.send?.(outcome));
});
