import type { Millis } from '../clock.ts';
import type { Incarnation } from './incarnation.ts';
import type { SimRandom } from './sim-random.ts';

/** How fast the processes of a machine get on; as it is set at the moment. */
export interface Processor {
  /** How long a turn of an event loop waits for its time, at most; 0: it takes none. */
  turnMsMax: Millis;
  /** How many messages a node gets handled in a turn, at most; undefined: as many as it likes. */
  messagesMax: number | undefined;
  /** Turns that wait for their time: for a while also after it has got idle. */
  turnsWaiting: number;
}

/**
 * The turns of one event loop. On a machine that is idle a turn takes no time, and handles all that
 * there is. On a busy one it handles little, and what else happens finds the rest half done.
 */
export class SimTurns {
  readonly #incarnation: Incarnation;
  readonly #processor: Processor;
  /** For the next turn, if that has to wait. */
  #waiting: (() => void)[] | undefined;
  #random: SimRandom | undefined;

  constructor(incarnation: Incarnation, processor: Processor) {
    this.#incarnation = incarnation;
    this.#processor = processor;
  }

  schedule(thunk: () => void): void {
    const { turnMsMax } = this.#processor;
    if (this.#waiting) this.#waiting.push(thunk);
    else if (turnMsMax === 0) this.#incarnation.post(thunk);
    else this.#wait(thunk, turnMsMax);
  }

  sliceMessages(): number | undefined {
    const { messagesMax } = this.#processor;
    return messagesMax === undefined ? undefined : this.#drawn().between(1, messagesMax);
  }

  #wait(thunk: () => void, turnMsMax: Millis): void {
    const { world, id } = this.#incarnation;
    this.#waiting = [thunk];
    this.#processor.turnsWaiting += 1;
    world.after(this.#drawn().within(0, turnMsMax), id, () => {
      const due = this.#waiting ?? [];
      this.#waiting = undefined;
      this.#processor.turnsWaiting -= 1;
      for (const each of due) this.#incarnation.enter(each);
    });
  }

  #drawn(): SimRandom {
    return (this.#random ??= this.#incarnation.random('turns'));
  }
}
