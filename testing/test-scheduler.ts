import { SchedulerProcess } from '../scheduler-driver/scheduler-process.ts';
import type { SchedulerOptions } from '../scheduler-driver/scheduler-connection.ts';
import type { CommandInfo, Offer, TaskInfo, TaskState, TaskStatus } from '../proto/index.ts';
import { TEST_EXECUTOR } from './test-executor.ts';

/** Those of any scheduler. */
export type TestSchedulerOptions = SchedulerOptions;

/** A task to launch. Default: a command on few resources. */
export interface TaskRequest {
  readonly command?: CommandInfo;
  readonly cpus?: number;
  readonly mem?: number;
  /** Id of a custom executor to run on; absent for a command task. */
  readonly executor?: string;
  readonly data?: Uint8Array;
}

/** A scheduler that notes what it is told and does what the test says. */
export class TestScheduler extends SchedulerProcess {
  registrations = 0;
  readonly offers = new Map<string, Offer>();
  readonly rescinded: string[] = [];
  readonly updates: TaskStatus[] = [];
  readonly lostAgents: string[] = [];
  readonly lostExecutors: string[] = [];
  readonly messages: string[] = [];
  readonly errors: string[] = [];
  disconnections = 0;

  protected override registered(): void {
    this.registrations += 1;
  }
  protected override reregistered(): void {
    this.registrations += 1;
  }
  protected override disconnected(): void {
    this.disconnections += 1;
    this.offers.clear();
  }
  protected override resourceOffers(offers: readonly Offer[]): void {
    for (const offer of offers) this.offers.set(offer.id.value, offer);
  }
  protected override offerRescinded(offerId: string): void {
    this.rescinded.push(offerId);
    this.offers.delete(offerId);
  }
  protected override statusUpdate(status: TaskStatus): void {
    this.updates.push(status);
  }
  protected override slaveLost(agentId: string): void {
    this.lostAgents.push(agentId);
  }
  protected override executorLost(executorId: string): void {
    this.lostExecutors.push(executorId);
  }
  protected override frameworkMessage(_executorId: string, _agent: string, data: Uint8Array): void {
    this.messages.push(new TextDecoder().decode(data));
  }
  protected override error(message: string): void {
    this.errors.push(message);
  }

  /** Launches one task on an offer; the rest of the offer is declined for `refuseSeconds`. */
  launch(offer: Offer, taskId: string, request: TaskRequest = {}): void {
    this.offers.delete(offer.id.value);
    this.launchTasks(offer.id.value, [taskOf(offer, taskId, request)], { refuse_seconds: 0 });
  }

  /** The states told of a task, in order; an update that came again counts once. */
  statesOf(taskId: string): TaskState[] {
    const seen = new Set<string>();
    const states: TaskState[] = [];
    for (const { task_id, state, uuid } of this.updates) {
      const key = uuid && Buffer.from(uuid).toString('hex');
      if (task_id.value !== taskId || (key !== undefined && seen.has(key))) continue;
      if (key !== undefined) seen.add(key);
      states.push(state);
    }
    return states;
  }

  latest(taskId: string): TaskStatus | undefined {
    return this.updates.findLast((one) => one.task_id.value === taskId);
  }
}

export function taskOf(offer: Offer, taskId: string, request: TaskRequest): TaskInfo {
  const role = offer.allocation_info?.role ?? '*';
  const scalar = (name: string, value: number) => ({
    name,
    type: 'SCALAR' as const,
    scalar: { value },
    allocation_info: { role },
  });
  const resources = [scalar('cpus', request.cpus ?? 0.1), scalar('mem', request.mem ?? 32)];
  return {
    name: taskId,
    task_id: { value: taskId },
    slave_id: offer.slave_id,
    resources,
    ...(request.data && { data: request.data }),
    ...(request.executor === undefined
      ? { command: request.command ?? { value: 'sleep 1000' } }
      : {
          executor: {
            executor_id: { value: request.executor },
            command: { shell: false, value: TEST_EXECUTOR },
            resources: [scalar('cpus', 0.1), scalar('mem', 32)],
          },
        }),
  };
}
