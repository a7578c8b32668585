import { runCase } from './run-case.ts';

// One process of the matrix: the id of a case comes in, its outcome goes out. Ends with the one who asks,
// who is the one that Ctrl-C is meant for.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
process.on('message', (id: string) => {
  void runCase(id).then((outcome) => process.send?.(outcome));
});
