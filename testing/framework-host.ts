import type { SchedulerProcess } from '../scheduler-driver/scheduler-process.ts';
import type { SchedulerMember } from './cluster.ts';
import { TestHost, type HostWorld, type Life } from './test-host.ts';

/** The machine that a scheduler runs on. A scheduler lives once: another instance takes over. */
export class FrameworkHost extends TestHost {
  readonly scheduler: SchedulerProcess;
  readonly #member: SchedulerMember<SchedulerProcess>;

  constructor(world: HostWorld, member: SchedulerMember<SchedulerProcess>) {
    super(world, member.machine);
    this.scheduler = member.scheduler;
    this.#member = member;
  }

  protected override get life(): Life {
    return this.#member;
  }
}
