import { MASTER_FLAG_DEFAULTS, type MasterFlags } from '../../master/flags.ts';
import type { Simulation } from '../../libprocess/sim/simulation.ts';
import type { ClusterWatch } from '../../testing/cluster.ts';
import { AgentIdChecks } from './agents/agent-id-checks.ts';
import { PaceChecks } from './allocator/pace-checks.ts';
import { WatchedAllocator } from './allocator/watched-allocator.ts';
import { AnswerChecks } from './tasks/answer-checks.ts';
import { DeliveryChecks } from './tasks/delivery-checks.ts';
import { watchDials } from './dial-checks.ts';
import { FrameworkChecks } from './frameworks/framework-checks.ts';
import { FrameworkSeats } from './frameworks/framework-seats.ts';
import type { History } from './history.ts';
import { LinkChecks } from './link-checks.ts';
import { MessageChecks } from './message-checks.ts';
import { InvariantError, observeWorld } from './observe-world.ts';
import { OfferChecks } from './offer-checks.ts';
import { RegistryChecks, type StoredRegistry } from './registry-checks.ts';
import { durabilityOf } from './sim-durability.ts';
import { UpdateChecks } from './update-checks.ts';
import { WatchedStorage } from './watched-storage.ts';

export interface WatchedInvariants {
  /** There are no more faults. */
  calm(): void;
  /** All has been healed long ago: nothing may be owed any more. Throws the first violation. */
  atRest(): void;
}

export interface ClusterInvariants extends WatchedInvariants {
  /** For the cluster that is to be watched. */
  readonly watch: ClusterWatch;
  /** What the registry is, whatever masters say. */
  readonly stored: () => StoredRegistry;
}

interface Known {
  /** Whether an operator has asked for the end of a framework. */
  readonly isToEnd: (frameworkId: string) => boolean;
  /** Hears of agents that the registry forgets when it may. */
  readonly onForgotten: (agentId: string) => void;
  /** Of masters, where they are not the usual ones. */
  readonly flags: Partial<MasterFlags>;
}

/** Lets every checker see all that happens in a world from now on. */
export function watchInvariants(
  sim: Simulation,
  { isToEnd, onForgotten, flags }: Known,
): ClusterInvariants {
  const history = observeWorld(sim);
  watchMessages(history);
  const durability = durabilityOf(sim);
  new UpdateChecks(history, durability);
  new AgentIdChecks(history, durability);
  watchDials(sim, history);
  const seats = new FrameworkSeats(history);
  new FrameworkChecks(history, seats, isToEnd);
  new OfferChecks(history);
  new AnswerChecks(history, seats);
  new DeliveryChecks(history);
  const pace = new PaceChecks(history);
  const { registryMaxAgentCount, registryMaxAgentAgeMs } = { ...MASTER_FLAG_DEFAULTS, ...flags };
  const registry = new RegistryChecks(history, {
    agentCountMax: registryMaxAgentCount,
    agentAgeMsMax: registryMaxAgentAgeMs,
    onForgotten,
  });
  return {
    ...watched(history),
    stored: () => registry.stored,
    watch: {
      storage: (storage) => new WatchedStorage(storage, history),
      allocator: (allocator) =>
        new WatchedAllocator(allocator, {
          violated: (id, what) => {
            history.violated(id, what);
          },
          onRun: () => {
            pace.ran();
          },
        }),
    },
  };
}

/** The same for a world in which there is nothing but libprocess. */
export function watchLibprocess(sim: Simulation): WatchedInvariants {
  const history = observeWorld(sim);
  watchMessages(history);
  watchDials(sim, history);
  return watched(history);
}

function watchMessages(history: History): void {
  new MessageChecks(history);
  new LinkChecks(history);
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
