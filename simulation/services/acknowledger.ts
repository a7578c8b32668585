import type { Millis } from '../../libprocess/clock.ts';
import type { SimRandom } from '../../libprocess/sim/sim-random.ts';
import type { TaskStatus } from '../../proto/index.ts';
import { uuidOf, type Launch } from './service-ledger.ts';
import type { Manner } from './service-plan.ts';

export interface AcknowledgerCalls {
  readonly manners: ReadonlySet<Manner>;
  readonly random: SimRandom;
  /** Whether every update is to be acknowledged. */
  readonly calm: () => boolean;
  readonly after: (delayMs: Millis, thunk: () => void) => void;
  readonly acknowledge: (status: TaskStatus) => void;
}

const LATE_MS_MAX = 45_000;
const AGAIN_WITHIN_MS = 60_000;
const RESTS_MS_MIN = 60_000;
const RESTS_MS_MAX = 180_000;
const RESTS_EVERY_MS_MAX = 300_000;

/** Acknowledges updates: late, again, wrongly, or for a while not at all. */
export class Acknowledger {
  readonly #calls: AcknowledgerCalls;
  #restsNow = false;
  /** By uuid: what came while it rested. */
  readonly #owed = new Map<string, () => void>();

  constructor(calls: AcknowledgerCalls) {
    this.#calls = calls;
  }

  start(): void {
    if (this.#calls.manners.has('rests-acknowledging')) this.#restSoon();
  }

  /** Updates without a UUID want no acknowledgement. */
  told(status: TaskStatus, launch: Launch | undefined): void {
    const { manners, random, after, calm } = this.#calls;
    if (!status.uuid) return;
    const uuid = uuidOf(status) ?? '';
    this.#owed.delete(uuid);
    if (this.#restsNow && !calm()) {
      // It will come again, unless all is calm by then.
      this.#owed.set(uuid, () => this.#rightly(status, launch));
      return;
    }
    if (manners.has('acknowledges-wrongly')) this.#wrongly(status, launch);
    const delayMs = manners.has('acknowledges-late') ? random.between(0, LATE_MS_MAX) : 0;
    after(delayMs, () => this.#rightly(status, launch));
    if (!manners.has('acknowledges-twice')) return;
    after(delayMs + random.between(0, AGAIN_WITHIN_MS), () => this.#rightly(status, launch));
  }

  /** All is calm: what is not acknowledged might be repeated minutes later. */
  catchUp(): void {
    for (const acknowledge of this.#owed.values()) acknowledge();
    this.#owed.clear();
  }

  #rightly(status: TaskStatus, launch: Launch | undefined): void {
    launch?.acknowledged.add(uuidOf(status) ?? '');
    this.#calls.acknowledge(status);
  }

  /** Of this task, but of another update; of an older one; or for another task altogether. */
  #wrongly(status: TaskStatus, launch: Launch | undefined): void {
    const { random, acknowledge } = this.#calls;
    const older = launch?.statuses.find(({ uuid }) => uuid !== undefined);
    const wrong = random.pick<TaskStatus>([
      { ...status, uuid: random.bytes(16) },
      { ...status, uuid: random.bytes(3) },
      { ...status, task_id: { value: 'nobody' } },
      { ...status, slave_id: { value: 'nowhere' } },
      ...(older ? [{ ...status, uuid: older.uuid ?? new Uint8Array() }] : []),
    ]);
    // The older one may be this one.
    if (wrong && uuidOf(wrong) !== uuidOf(status)) acknowledge(wrong);
  }

  #restSoon(): void {
    const { random, after } = this.#calls;
    after(random.between(1_000, RESTS_EVERY_MS_MAX), () => {
      this.#restsNow = true;
      after(random.between(RESTS_MS_MIN, RESTS_MS_MAX), () => {
        this.#restsNow = false;
        this.#restSoon();
      });
    });
  }
}
