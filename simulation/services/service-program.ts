import type { Program, ProgramContext } from '../../libprocess/sim/subprocess/program.ts';
import type { Instance } from './instance-oracle.ts';

/** The program of instances that are commands: `service TOKEN RUNS_MS CODE FORKS`. */
export const SERVICE = '/bin/service';

/** Who is told when an instance really begins. */
export interface Witness {
  began(context: ProgramContext, token: string): Instance;
  heard(message: string): void;
  violated(what: string): void;
}

const QUITS_WITHIN_MS = 6_000;

/** Runs until it is killed, or for as long as it is told; some take their time to go. */
export const serviceProgram =
  (witness: Witness): Program =>
  (context) => {
    const [, token = '', runsMs = '0', code = '0', forks = '0'] = context.argv;
    const instance = witness.began(context, token);
    const { clock, random } = context.runtime;
    const manner = random.next();
    if (manner < 0.25) context.onSignal('SIGTERM', () => undefined);
    else if (manner < 0.6) {
      context.onSignal('SIGTERM', () => {
        clock.timer(random.next() * QUITS_WITHIN_MS, () => {
          context.exit(143);
        });
      });
    }
    // Lives on when its parent is gone: only who ends the whole tree ends it.
    if (forks !== '0') context.fork(stubborn);
    if (runsMs === '0') return;
    clock.timer(Number(runsMs), () => {
      instance.exitCode = Number(code);
      context.exit(instance.exitCode);
    });
  };

const stubborn: Program = (context) => {
  context.onSignal('SIGTERM', () => undefined);
};
