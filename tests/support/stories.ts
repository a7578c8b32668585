import type { AgentFlags } from '../../agent/flags.ts';
import type { FrameworkInfo, Offer } from '../../proto/index.ts';
import type { AgentMember, Cluster, SchedulerMember } from '../../testing/cluster.ts';
import type {
  TaskRequest,
  TestScheduler,
  TestSchedulerOptions,
} from '../../testing/test-scheduler.ts';

/** A framework whose tasks outlive their agent and their scheduler. */
export const LASTING: FrameworkInfo = {
  user: 'root',
  name: 'lasting',
  checkpoint: true,
  failover_timeout: 3_600,
};

export const PARTITION_AWARE: FrameworkInfo = {
  ...LASTING,
  capabilities: [{ type: 'PARTITION_AWARE' }, { type: 'TASK_KILLING_STATE' }],
};

/** The next offer that the scheduler holds. */
export async function nextOffer(cluster: Cluster, scheduler: TestScheduler): Promise<Offer> {
  await cluster.sim.until(() => scheduler.offers.size > 0, 60_000);
  const [offer] = scheduler.offers.values();
  if (!offer) throw new Error('The scheduler holds an offer');
  return offer;
}

export interface Story {
  readonly agent: AgentMember;
  readonly member: SchedulerMember;
  readonly scheduler: TestScheduler;
  readonly offer: Offer;
}

export interface StoryOptions {
  readonly agent?: Partial<AgentFlags>;
  readonly scheduler?: Partial<TestSchedulerOptions>;
  readonly task?: TaskRequest;
  /** The state of the task when the story begins. Default: TASK_RUNNING. */
  readonly until?: string;
}

/** One agent, one scheduler, and one task called `task`, which runs. */
export async function runningTask(cluster: Cluster, options: StoryOptions = {}): Promise<Story> {
  const agent = await cluster.agent(options.agent);
  const member = await cluster.scheduler({ framework: LASTING, ...options.scheduler });
  const { scheduler } = member;
  const offer = await nextOffer(cluster, scheduler);
  scheduler.launch(offer, 'task', options.task);
  await reach(cluster, scheduler, { task: options.until ?? 'TASK_RUNNING' });
  return { agent, member, scheduler, offer };
}

/** Runs until each task named has been told to be in the state given. */
export async function reach(
  cluster: Cluster,
  scheduler: TestScheduler,
  states: Readonly<Record<string, string>>,
): Promise<void> {
  await cluster.sim.until(
    () => Object.entries(states).every(([task, state]) => scheduler.latest(task)?.state === state),
    120_000,
  );
}
