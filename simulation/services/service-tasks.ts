import type { SimRandom } from '../../libprocess/sim/sim-random.ts';
import type { CommandInfo, ExecutorInfo, Offer, Resource, TaskInfo } from '../../proto/index.ts';
import type { OfferUse } from './offer-desk.ts';
import { SERVICE_EXECUTOR, type Order } from './service-executor.ts';
import { isOver, ownEnd, uuidOf, type Launch, type ServiceLedger } from './service-ledger.ts';
import type { ServicePlan } from './service-plan.ts';
import { SERVICE } from './service-program.ts';

export interface TaskMakerOptions {
  readonly plan: ServicePlan;
  readonly ledger: ServiceLedger;
  readonly random: SimRandom;
  readonly nowMs: () => number;
}

const RUNS_MS_MAX = 120_000;
const EXTRA_RUNS_MS_MAX = 20_000;
const EXTRA_FLAVORS = ['usual', 'other'] as const;

/** Makes tasks, and enters them into the ledger before anyone hears of them. */
export class TaskMaker {
  readonly #options: TaskMakerOptions;

  constructor(options: TaskMakerOptions) {
    this.#options = options;
  }

  task(offer: Offer, use: OfferUse): TaskInfo {
    const { plan, ledger, random } = this.#options;
    const has = (manner: ServicePlan['manners'][number]): boolean => plan.manners.includes(manner);
    const token = `${plan.name}:${String(ledger.next())}`;
    const odd = use === 'wanted' && has('changes-executors') && !ledger.calm && random.chance(0.4);
    const lasts = use === 'wanted' && !odd;
    const ends = !lasts || (has('instances-end') && !ledger.calm && random.chance(0.7));
    const runsMs = ends ? random.between(1_000, lasts ? RUNS_MS_MAX : EXTRA_RUNS_MS_MAX) : 0;
    const order: Order = {
      token,
      runsMs,
      code: random.chance(0.3) ? 1 : 0,
      flavor: odd ? (random.pick(EXTRA_FLAVORS) ?? 'usual') : 'usual',
      leaves: has('executors-leave') && random.chance(0.3),
      repeats: has('executors-repeat'),
      saysKilling: plan.aware,
    };
    const taskId = this.#taskId(token, use);
    const executor = use === 'grouped' ? undefined : this.#executor(order, { taskId, odd });
    ledger.launches.push({
      token,
      taskId,
      agentId: offer.slave_id.value,
      executorId: executor?.executor_id.value,
      atMs: this.#options.nowMs(),
      offerId: offer.id.value,
      use,
      lasts,
      statuses: [],
      acknowledged: new Set(),
      killed: false,
      answered: false,
    });
    return {
      name: taskId,
      task_id: { value: taskId },
      slave_id: offer.slave_id,
      resources: resourcesOf(plan, 0.5, 32),
      ...(executor
        ? { executor, data: new TextEncoder().encode(JSON.stringify(order)) }
        : { command: this.#command(order, has('instances-fork')) }),
    };
  }

  /**
   * Ids of ended tasks may come again, once their end has been acknowledged. Not where executors repeat
   * their updates: one of the former task would be taken for one of the next, as in Mesos.
   */
  #taskId(token: string, use: OfferUse): string {
    const { plan, ledger, random } = this.#options;
    const { manners } = plan;
    if (use !== 'wanted' || !manners.includes('reuses-ids')) return token;
    const hasExecutors = plan.executor !== 'command' || manners.includes('changes-executors');
    if (hasExecutors && manners.includes('executors-repeat')) return token;
    const latest = new Map(ledger.launches.map((launch) => [launch.taskId, launch]));
    const free = [...latest.values()].filter(isSettled);
    return random.pick(free)?.taskId ?? token;
  }

  #command({ token, runsMs, code }: Order, forks: boolean): CommandInfo {
    return {
      shell: false,
      value: SERVICE,
      arguments: [SERVICE, token, String(runsMs), String(code), forks ? '1' : '0'],
    };
  }

  /** Those that are not usual may find another executor under their id, and be refused. */
  #executor(
    { flavor }: Order,
    { taskId, odd }: { readonly taskId: string; readonly odd: boolean },
  ): ExecutorInfo | undefined {
    const { plan } = this.#options;
    if (plan.executor === 'command' && !odd) return undefined;
    const usual = plan.executor === 'shared' ? plan.name : `of-${taskId.replaceAll(':', '-')}`;
    return {
      executor_id: { value: odd ? `${plan.name}-odd` : usual },
      command: { shell: false, value: SERVICE_EXECUTOR, arguments: [SERVICE_EXECUTOR, flavor] },
      resources: resourcesOf(plan, 0.1, 16),
    };
  }
}

/** Its end was told by the agent and acknowledged, and nothing was asked of it since. */
function isSettled(launch: Launch): boolean {
  const end = ownEnd(launch);
  return isOver(launch) && end !== undefined && launch.acknowledged.has(uuidOf(end) ?? '');
}

export const resourcesOf = (
  { role }: Pick<ServicePlan, 'role'>,
  cpus: number,
  mem: number,
): readonly Resource[] =>
  Object.entries({ cpus, mem }).map(([name, value]) => ({
    name,
    type: 'SCALAR',
    scalar: { value },
    allocation_info: { role },
  }));
