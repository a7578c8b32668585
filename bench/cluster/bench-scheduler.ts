import type { Offer, TaskInfo, TaskState, TaskStatus } from '../../proto/index.ts';
import { SchedulerProcess } from '../../scheduler-driver/index.ts';

const CPUS = 0.1;
const MEM_MB = 32;

/** A framework that launches what it is told to, and knows when each task reached a state. */
export class BenchScheduler extends SchedulerProcess {
  #offer: Offer | undefined;
  #offered: ((offer: Offer) => void) | undefined;
  #waiting: { readonly state: TaskState; left: number; readonly done: () => void } | undefined;

  constructor(master: string) {
    super({
      master,
      framework: { user: 'root', name: 'bench', checkpoint: true, failover_timeout: 600 },
    });
  }

  protected override resourceOffers(offers: readonly Offer[]): void {
    for (const offer of offers) {
      const offered = this.#offered;
      this.#offered = undefined;
      if (offered) offered(offer);
      else if (!this.#offer) this.#offer = offer;
      else this.declineOffer(offer.id.value);
    }
  }

  protected override offerRescinded(offerId: string): void {
    if (this.#offer?.id.value === offerId) this.#offer = undefined;
  }

  protected override statusUpdate({ state }: TaskStatus): void {
    const waiting = this.#waiting;
    if (waiting?.state !== state || (waiting.left -= 1) > 0) return;
    this.#waiting = undefined;
    waiting.done();
  }

  /** The offer at hand, or the next one. */
  offer(): Promise<Offer> {
    return new Promise((resolve) => {
      const offer = this.#offer;
      this.#offer = undefined;
      if (offer) resolve(offer);
      else this.#offered = resolve;
    });
  }

  /** Launches tasks that run `command`; resolves when as many updates have told of `state`. */
  launch(
    offer: Offer,
    tasks: { readonly ids: readonly string[]; readonly command: string; readonly state: TaskState },
  ): Promise<void> {
    return new Promise((done) => {
      this.#waiting = { state: tasks.state, left: tasks.ids.length, done };
      const infos = tasks.ids.map((id) => taskOf(offer, id, tasks.command));
      this.launchTasks(offer.id.value, infos, { refuse_seconds: 0 });
    });
  }
}

function taskOf(offer: Offer, id: string, value: string): TaskInfo {
  const scalar = (name: string, amount: number) => ({
    name,
    type: 'SCALAR' as const,
    scalar: { value: amount },
  });
  return {
    name: id,
    task_id: { value: id },
    slave_id: offer.slave_id,
    resources: [scalar('cpus', CPUS), scalar('mem', MEM_MB)],
    command: { value },
  };
}
