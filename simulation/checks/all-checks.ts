import type { Simulation } from '../../libprocess/sim/simulation.ts';
import type { History } from './history.ts';
import { LinkChecks } from './link-checks.ts';
import { MessageChecks } from './message-checks.ts';
import { InvariantError, observeWorld } from './observe-world.ts';
import { durabilityOf } from './sim-durability.ts';
import { UpdateChecks } from './update-checks.ts';

export interface WatchedInvariants {
  /** There are no more faults. */
  calm(): void;
  /** All has been healed long ago: nothing may be owed any more. Throws the first violation. */
  atRest(): void;
}

/** Lets every checker see all that happens in a world from now on. */
export function watchInvariants(sim: Simulation): WatchedInvariants {
  const history = observeWorld(sim);
  new MessageChecks(history);
  new LinkChecks(history);
  new UpdateChecks(history, durabilityOf(sim));
  return watched(history);
}

/** The same for a world in which there is nothing but libprocess. */
export function watchLibprocess(sim: Simulation): WatchedInvariants {
  const history = observeWorld(sim);
  new MessageChecks(history);
  new LinkChecks(history);
  return watched(history);
}

function watched(history: History): WatchedInvariants {
  return {
    calm: () => {
      history.calm();
    },
    atRest: () => {
      history.rest();
      const [first] = history.violations;
      if (first) throw new InvariantError(`${first.id}: ${first.what}`);
    },
  };
}
