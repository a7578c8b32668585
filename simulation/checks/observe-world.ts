import type { Millis } from '../../libprocess/clock.ts';
import type { NodeObserver } from '../../libprocess/node-observer.ts';
import type { Machine } from '../../libprocess/sim/machine.ts';
import type { Simulation } from '../../libprocess/sim/simulation.ts';
import type { SimProcess } from '../../libprocess/sim/subprocess/sim-process.ts';
import { History, type HistoryEvent, type NodeLife } from './history.ts';

/** An invariant did not hold. */
export class InvariantError extends Error {
  readonly code = 'INVARIANT_VIOLATED';
}

/** The history of all nodes that begin from now on. The first violation ends the run where it stands. */
export function observeWorld(sim: Simulation): History {
  const history = new History(
    () => sim.nowMs,
    ({ id, what }) => {
      if (history.violations.length > 1) return;
      sim.at(0, () => {
        throw new InvariantError(`${id}: ${what}`);
      });
    },
  );
  sim.observe = (process, address) => {
    const machine = sim.machineAt(address.slice(0, address.lastIndexOf(':')));
    const node = new ObservedNode(process, address, { beganAtMs: sim.nowMs, machine });
    history.see({ kind: 'begun', node });
    return observer(node, (event) => {
      history.see(event);
    });
  };
  return history;
}

interface Beginning {
  readonly beganAtMs: Millis;
  readonly machine: Machine | undefined;
}

class ObservedNode implements NodeLife {
  readonly address: string;
  readonly beganAtMs: Millis;
  readonly #process: SimProcess;
  readonly #machine: Machine | undefined;

  constructor(process: SimProcess, address: string, began: Beginning) {
    this.address = address;
    this.beganAtMs = began.beganAtMs;
    this.#machine = began.machine;
    this.#process = process;
  }

  get busy(): boolean {
    const processor = this.#machine?.processor;
    return processor !== undefined && (processor.turnMsMax > 0 || processor.turnsWaiting > 0);
  }

  get alive(): boolean {
    return this.#process.incarnation.alive;
  }
}

/** A killed process may be in the midst of a turn: what that still does, nobody sees. */
function observer(node: NodeLife, see: (event: HistoryEvent) => void): NodeObserver {
  const seeAlive = (event: HistoryEvent): void => {
    if (node.alive) see(event);
  };
  return {
    spawned: (pid) => seeAlive({ kind: 'spawned', node, pid }),
    ended: (pid) => seeAlive({ kind: 'ended', node, pid }),
    sent: (message) => seeAlive({ kind: 'sent', node, message }),
    delivered: (message) => seeAlive({ kind: 'delivered', node, message }),
    undelivered: (message) => seeAlive({ kind: 'undelivered', node, message }),
    linked: (linker, to, mode) => seeAlive({ kind: 'linked', node, linker, to, mode }),
    exited: (linker, of) => seeAlive({ kind: 'exited', node, linker, of }),
    lost: (address) => seeAlive({ kind: 'lost', node, address }),
  };
}
