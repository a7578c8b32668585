import type { Millis } from '../../../libprocess/clock.ts';
import { scheduler, StatusUpdateMessage, type TaskState } from '../../../proto/index.ts';
import type { Cluster } from '../../../testing/cluster.ts';
import type { FrameworkMember } from '../../framework-member.ts';
import { UnansweredError } from '../ask.ts';
import { heldBy, TasksDifferError } from './task-checks.ts';

/** Longer than anything is on its way. */
const UNDER_WAY_MS: Millis = 90_000;
/** What is said of a task that was killed by name may be anything else. */
const LIVE: ReadonlySet<TaskState> = new Set([
  'TASK_STAGING',
  'TASK_STARTING',
  'TASK_RUNNING',
  'TASK_KILLING',
]);
/** Ten minutes to reregister, ten of back-off, and a little more. */
const EQUAL_WITHIN_MS: Millis = 25 * 60_000;

/**
 * M12: a framework that asks about all its tasks is told of those that agents have, and of no others. Until
 * that is seen once for all frameworks, while nothing comes or ends, none can ask about tasks by name.
 */
export async function checkImplicitly(
  cluster: Cluster,
  members: readonly FrameworkMember[],
): Promise<void> {
  const { sim, mail } = cluster;
  const named = mail.withhold(scheduler.Call, {
    when: ({ reconcile }) => (reconcile?.tasks ?? []).length > 0,
  });
  const told = mail.watch(StatusUpdateMessage);
  await sim.advance(UNDER_WAY_MS);
  const endsAtMs = sim.nowMs + EQUAL_WITHIN_MS;
  let difference: string | undefined;
  do {
    const asked = told.length;
    const ids = new Set(members.map(({ record }) => record.frameworkId ?? ''));
    const before = await held(cluster, ids);
    for (const member of members) member.askAboutAll();
    await sim.advance(UNDER_WAY_MS);
    const after = await held(cluster, ids);
    const answers = answersIn(told.slice(asked), ids);
    difference = isSame(before, after) ? differenceOf(before, answers) : 'tasks come and go';
  } while (difference !== undefined && sim.nowMs < endsAtMs);
  named.stop();
  if (difference !== undefined) throw new TasksDifferError(`M12: ${difference}`);
}

async function held(
  cluster: Cluster,
  frameworks: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  try {
    const all = [...(await heldBy(cluster)).keys()];
    return new Set(all.filter((key) => frameworks.has(key.split(' ')[0] ?? '')));
  } catch (error) {
    if (error instanceof UnansweredError) return new Set();
    throw error;
  }
}

const isSame = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === other.size && [...one].every((key) => other.has(key));

function differenceOf(held: ReadonlySet<string>, { live, latest }: Answers): string | undefined {
  for (const key of held) if (!live.has(key)) return `nothing was said of '${key}'`;
  for (const key of live) {
    // It came and went, as that of a group which its agent has refused.
    const isOver = !LIVE.has(latest.get(key) ?? 'TASK_UNKNOWN');
    if (!held.has(key) && !isOver) return `'${key}' was told of, and is nowhere`;
  }
  return undefined;
}

interface Answers {
  /** Those that were said to live when somebody asked. */
  readonly live: ReadonlySet<string>;
  /** What was said last, whether anybody had asked or not. */
  readonly latest: ReadonlyMap<string, TaskState>;
}

function answersIn(
  messages: readonly StatusUpdateMessage[],
  frameworks: ReadonlySet<string>,
): Answers {
  const live = new Set<string>();
  const latest = new Map<string, TaskState>();
  for (const { update } of messages) {
    const { status, framework_id: id, uuid } = update;
    if (!frameworks.has(id.value)) continue;
    const key = `${id.value} ${status.task_id.value} ${status.slave_id?.value ?? ''}`;
    latest.set(key, status.state);
    const isAnswer = status.reason === 'REASON_RECONCILIATION' && !uuid?.length;
    if (isAnswer && LIVE.has(status.state)) live.add(key);
  }
  return { live, latest };
}
