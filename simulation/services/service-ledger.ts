import { isTerminal } from '../../common/task-state.ts';
import type { Millis } from '../../libprocess/clock.ts';
import type { Offer, TaskStatus } from '../../proto/index.ts';
import type { MemberRecord } from '../framework-member.ts';
import type { OfferUse } from './offer-desk.ts';

/** One launch of an instance. Its task id may have been in use before, its token never. */
export interface Launch {
  readonly token: string;
  readonly taskId: string;
  readonly agentId: string;
  readonly executorId: string | undefined;
  readonly atMs: Millis;
  /** By which it was launched. */
  readonly offerId: string;
  readonly use: OfferUse;
  /** To last; others end by themselves, soon, and are not counted. */
  readonly lasts: boolean;
  /** In the order in which they were told. */
  readonly statuses: TaskStatus[];
  /** UUIDs, in hex. */
  readonly acknowledged: Set<string>;
  /** Somebody asked for its end. */
  killed: boolean;
  /** Since all is calm the master has answered for it. */
  answered: boolean;
}

/** Longer than any connection is held up. */
const UNDER_WAY_MS: Millis = 120_000;

/** What a framework of services must not forget, as if written to a disk at once. */
export class ServiceLedger implements MemberRecord {
  frameworkId: string | undefined;
  offers = 0;
  onOffers: (offers: readonly Offer[]) => void = () => undefined;
  onAgentLost: (agentId: string) => void = () => undefined;
  /** Hears of each status, and of which launch it is. */
  onStatus: (launch: Launch, status: TaskStatus) => void = () => undefined;
  /** Instances are kept up and left alone. */
  calm = false;
  /** No instance is wanted any more. */
  resting = false;
  /** The scheduler that was registered last; others are of the past, whether they know it or not. */
  currentLife = 0;
  /** Numbers launches, made-up tasks and messages. */
  ordinal = 0;
  readonly launches: Launch[] = [];
  /** What was sent to executors and came back from them. */
  readonly messagesSent = new Set<string>();
  readonly messagesReceived: string[] = [];
  /** Answers about tasks that never were. */
  readonly strangers: TaskStatus[] = [];
  /** The framework was ended by an operator, and was told so. */
  tornDown = false;

  calmDown(): void {
    this.calm = true;
    for (const launch of this.launches) launch.answered = false;
  }

  next(): number {
    this.ordinal += 1;
    return this.ordinal;
  }

  note(status: TaskStatus, nowMs: Millis): Launch | undefined {
    const launch = this.#launchOf(status, nowMs);
    if (!launch) {
      this.strangers.push(status);
      return undefined;
    }
    launch.statuses.push(status);
    launch.answered ||= this.calm && status.reason === 'REASON_RECONCILIATION';
    this.onStatus(launch, status);
    return launch;
  }

  /** A status names a task, and one task id may have been launched often. */
  #launchOf(status: TaskStatus, nowMs: Millis): Launch | undefined {
    const candidates = this.launches.filter(({ taskId }) => taskId === status.task_id.value);
    const uuid = uuidOf(status);
    const known = uuid !== undefined && candidates.find((one) => hasUuid(one, uuid));
    if (known) return known;
    const agentId = status.slave_id?.value;
    const there = candidates.filter((one) => agentId !== undefined && one.agentId === agentId);
    const [latest, former] = [there.at(-1) ?? candidates.at(-1), there.at(-2)];
    // An answer about the one before may have been on its way when its id was used again.
    const isOld = latest?.statuses.length === 0 && former?.statuses.at(-1)?.state === status.state;
    const isLate = uuid === undefined && isOld && nowMs < latest.atMs + UNDER_WAY_MS;
    return isLate ? former : latest;
  }
}

export const uuidOf = ({ uuid }: TaskStatus): string | undefined =>
  uuid && Buffer.from(uuid).toString('hex');

const hasUuid = ({ statuses }: Launch, uuid: string): boolean =>
  statuses.some((status) => uuidOf(status) === uuid);

/** It was told to have ended, and nothing else since. */
export function isOver({ statuses }: Launch): boolean {
  const last = statuses.at(-1);
  return last !== undefined && isTerminal(last.state);
}

/** Updates have come that it has not acknowledged: they will come again. */
export const isUnacknowledged = ({ statuses, acknowledged }: Launch): boolean =>
  statuses.some((status) => status.uuid !== undefined && !acknowledged.has(uuidOf(status) ?? ''));

/** Nobody knows of it, or nobody can tell for now. */
export function isOutOfSight({ statuses }: Launch): boolean {
  const state = statuses.at(-1)?.state;
  return state === 'TASK_UNREACHABLE' || state === 'TASK_UNKNOWN';
}

export const isUp = ({ statuses }: Launch): boolean => statuses.at(-1)?.state === 'TASK_RUNNING';

/** The end that the agent itself told, which may come after an answer of the master. */
export const ownEnd = ({ statuses }: Launch): TaskStatus | undefined =>
  statuses.findLast((status) => status.uuid !== undefined && isTerminal(status.state));
