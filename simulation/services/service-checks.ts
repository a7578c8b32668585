import { isTerminal } from '../../common/task-state.ts';
import type { TaskState } from '../../proto/index.ts';
import type { Deeds } from '../deeds.ts';
import { ServiceViolation, type Instance, type InstanceOracle } from './instance-oracle.ts';
import { isOver, ownEnd, uuidOf, type Launch, type ServiceLedger } from './service-ledger.ts';
import type { ServiceMember } from './service-member.ts';
import type { ServicePlan } from './service-plan.ts';

const ORDER: readonly TaskState[] = [
  'TASK_STARTING',
  'TASK_RUNNING',
  'TASK_KILLING',
  'TASK_FINISHED',
];

export interface ServiceFacts {
  readonly oracle: InstanceOracle;
  readonly deeds: Deeds;
}

/** What a framework was told, against what has happened. */
export function checkService(member: ServiceMember, facts: ServiceFacts): void {
  const { record: ledger, plan } = member;
  checkOffers(ledger, facts.oracle);
  checkMessages(ledger, facts.oracle);
  checkStrangers(ledger, plan.aware);
  for (const launch of ledger.launches) {
    checkUpdates(launch);
    if (plan.fate === 'stays') checkEnd(launch, plan, facts);
  }
}

/** O3, T7: what is asked of an offer that is over comes to nothing, and an offer is used once. */
function checkOffers({ launches }: ServiceLedger, oracle: InstanceOracle): void {
  const users = new Map<string, Launch['use']>();
  for (const { token, use, offerId } of launches) {
    if (!oracle.of(token)) continue;
    if (use === 'grouped') throw new ServiceViolation(`T7: '${token}' of a group began`);
    if (use === 'void') throw new ServiceViolation(`O3: '${token}' began on a void offer`);
    const before = users.get(offerId);
    if (before !== undefined && before !== use)
      throw new ServiceViolation(`O1: offer '${offerId}' was accepted twice, at last '${token}'`);
    users.set(offerId, use);
  }
}

/** P3, P4: messages come once, or not at all, and none that was not sent. */
function checkMessages(ledger: ServiceLedger, oracle: InstanceOracle): void {
  const seen = new Set<string>();
  for (const message of ledger.messagesReceived) {
    if (seen.has(message)) throw new ServiceViolation(`P3: '${message}' came back twice`);
    seen.add(message);
    if (!ledger.messagesSent.has(message) || !oracle.hasHeard(message))
      throw new ServiceViolation(`P4: '${message}' came back, and was not sent`);
  }
}

/** M12: of tasks that never were, nobody may say anything but that. */
function checkStrangers({ strangers }: ServiceLedger, aware: boolean): void {
  const told = aware ? ['TASK_UNKNOWN', 'TASK_GONE'] : ['TASK_LOST'];
  const wrong = strangers.find(({ state }) => !told.includes(state));
  if (!wrong) return;
  throw new ServiceViolation(`M12: '${wrong.task_id.value}' never was, and is ${wrong.state}`);
}

/** U2, U3, U5, T3, T4: the updates of one launch, each sent once the one before was acknowledged. */
function checkUpdates({ token, statuses, acknowledged }: Launch): void {
  const seen: string[] = [];
  let rank = -1;
  for (const status of statuses) {
    const uuid = uuidOf(status);
    // An agent that never had the task says so again to each master that asks, under a new UUID.
    if (uuid === undefined || status.reason === 'REASON_RECONCILIATION') continue;
    const before = seen.at(-1);
    if (uuid === before) continue;
    const what = `'${token}': ${status.state}`;
    if (seen.includes(uuid)) throw new ServiceViolation(`U5: ${what} came after a later one`);
    if (before !== undefined && !acknowledged.has(before))
      throw new ServiceViolation(`U3: ${what} came before the last was acknowledged`);
    const next = isTerminal(status.state) ? ORDER.length : ORDER.indexOf(status.state);
    if (next <= rank) throw new ServiceViolation(`T4: ${what} came out of order`);
    rank = next;
    seen.push(uuid);
  }
}

/** T1, T5, U1, U8: each launch has come to an end, for a reason, and was told so. */
function checkEnd(
  launch: Launch,
  { aware, checkpoint }: ServicePlan,
  { oracle, deeds }: ServiceFacts,
): void {
  const { token, statuses } = launch;
  const instance = oracle.of(token);
  const last = statuses.at(-1);
  if (!instance || deeds.isExcused(instance)) return; // It may be unknown, or out of sight, for good.
  if (!isOver(launch) || !last) throw new ServiceViolation(`T1: '${token}' was never told to end`);
  if (!checkpoint) return; // It ends with its agent, or is taken for lost with the connection to it.
  const told = ownEnd(launch)?.state ?? last.state;
  if (!aware && told === 'TASK_LOST') return;
  if (told === 'TASK_DROPPED')
    throw new ServiceViolation(`U8: '${token}' began, and is told to be dropped`);
  if (instance.exitCode === undefined) checkCause(launch, instance, told);
  else checkTruth(launch, instance, told);
}

function checkCause({ token, killed }: Launch, { over }: Instance, told: TaskState): void {
  // An executor that leaves takes its instances with it.
  const left = !over && told === 'TASK_FAILED';
  if (killed || left) return;
  throw new ServiceViolation(`T5: '${token}' was ended by nobody, and is told ${told}`);
}

function checkTruth({ token, killed }: Launch, instance: Instance, told: TaskState): void {
  const { exitCode, process } = instance;
  const truth = exitCode === 0 ? 'TASK_FINISHED' : 'TASK_FAILED';
  if (told === truth || (killed && told === 'TASK_KILLED')) return;
  // Its executor ended before the agent had its last word.
  if (process.ended && told === 'TASK_FAILED') return;
  throw new ServiceViolation(`U1: '${token}' exited with ${String(exitCode)}, and is told ${told}`);
}
