import { isTerminal } from '../../common/task-state.ts';
import type { Offer, TaskStatus } from '../../proto/index.ts';
import type { MemberRecord } from '../framework-member.ts';

/** What a framework must not forget, as if written to a disk at once. */
export class BatchRecord implements MemberRecord {
  frameworkId: string | undefined;
  /** How many there were. */
  offers = 0;
  /** All statuses of each task, in the order in which they were told. */
  readonly history = new Map<string, TaskStatus[]>();
  /** The agent of each task, from before its launch. */
  readonly launchedOn = new Map<string, string>();
  /** Tasks that shall not go on. */
  readonly killed = new Set<string>();
  /** Hears of each status. */
  onStatus: (status: TaskStatus) => void = () => undefined;
  onOffers: (offers: readonly Offer[]) => void = () => undefined;
  onAgentLost: (agentId: string) => void = () => undefined;

  note(status: TaskStatus): void {
    const taskId = status.task_id.value;
    this.history.set(taskId, [...(this.history.get(taskId) ?? []), status]);
    this.onStatus(status);
  }

  isOver(taskId: string): boolean {
    const last = this.history.get(taskId)?.at(-1);
    return last !== undefined && isTerminal(last.state);
  }

  /** Whether the terminal update itself has come; the master's answers may come before it. */
  isTold(taskId: string): boolean {
    const history = this.history.get(taskId) ?? [];
    return history.some(({ state, uuid }) => uuid !== undefined && isTerminal(state));
  }
}
