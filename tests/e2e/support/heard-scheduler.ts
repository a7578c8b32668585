import type { Offer, TaskStatus } from '../../../proto/index.ts';
import { TestScheduler, type TestSchedulerOptions } from '../../../testing/test-scheduler.ts';

const HEARD_LINES_MAX = 40;

/** Says that it was told something, whatever that was. */
export class HeardScheduler extends TestScheduler {
  readonly #changed: () => void;

  constructor(options: TestSchedulerOptions, changed: () => void) {
    super(options);
    this.#changed = changed;
  }

  protected override registered(): void {
    super.registered();
    this.#changed();
  }
  protected override reregistered(): void {
    super.reregistered();
    this.#changed();
  }
  protected override disconnected(): void {
    super.disconnected();
    this.#changed();
  }
  protected override resourceOffers(offers: readonly Offer[]): void {
    super.resourceOffers(offers);
    this.#changed();
  }
  protected override statusUpdate(status: TaskStatus): void {
    super.statusUpdate(status);
    this.#changed();
  }
  protected override executorLost(executorId: string): void {
    super.executorLost(executorId);
    this.#changed();
  }
  protected override error(message: string): void {
    super.error(message);
    this.#changed();
  }

  /** For reports of what did not come. */
  heard(): string {
    const lines = this.updates.map(
      ({ task_id, state, reason, message }) =>
        `${task_id.value} ${state} ${reason ?? ''} ${message ?? ''}`,
    );
    return [...this.errors, ...lines].slice(-HEARD_LINES_MAX).join('\n');
  }
}
