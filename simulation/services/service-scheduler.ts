import type { SimRandom } from '../../libprocess/sim/sim-random.ts';
import type { FrameworkInfo, Offer, TaskInfo, TaskStatus } from '../../proto/index.ts';
import { SchedulerProcess } from '../../scheduler-driver/scheduler-process.ts';
import { Acknowledger } from './acknowledger.ts';
import { OfferDesk } from './offer-desk.ts';
import { isOutOfSight, isOver, isUp, type Launch, type ServiceLedger } from './service-ledger.ts';
import type { Manner, ServicePlan } from './service-plan.ts';
import { resourcesOf, TaskMaker } from './service-tasks.ts';

export interface ServiceSchedulerOptions {
  readonly master: string;
  readonly framework: FrameworkInfo;
  readonly plan: ServicePlan;
  readonly random: SimRandom;
  readonly ledger: ServiceLedger;
  /** Numbers the schedulers of the framework. */
  readonly life: number;
  readonly foreign: () => Offer | undefined;
}

const TICK_MS = 5_000;
const ASKS_EVERY_TICKS = 5;
const STORM_MS = 1_500;
const FORGETS_WITHIN_MS = 20_000;
const RESTART_CHANCE = 0.08;
const NOISE_CHANCE = 0.15;

/**
 * Keeps a number of instances up: starts another where one has ended or is out of sight, ends those
 * that are too many, and asks about whatever it has not heard of.
 */
export class ServiceScheduler extends SchedulerProcess {
  readonly #options: ServiceSchedulerOptions;
  readonly #manners: ReadonlySet<Manner>;
  readonly #desk: OfferDesk;
  readonly #acknowledger: Acknowledger;
  #ticks = 0;

  constructor(options: ServiceSchedulerOptions) {
    super({ ...options, registrationBackoffFactorMs: 1_000, implicitAcknowledgements: false });
    this.#options = options;
    const { plan, ledger, random, foreign } = options;
    this.#manners = new Set(plan.manners);
    const shared = {
      manners: this.#manners,
      random,
      resting: () => ledger.resting,
      calm: () => ledger.calm,
      after: (delayMs: number, thunk: () => void) => {
        this.delay(delayMs, thunk);
      },
    };
    const nowMs = (): number => this.runtime.clock.monotonic();
    const maker = new TaskMaker({ plan, ledger, random, nowMs });
    this.#desk = new OfferDesk({
      ...shared,
      foreign,
      missing: () => this.#missing(),
      task: (offer, use) => maker.task(offer, use),
      launch: (ids, tasks, filters) => {
        this.launchTasks(ids, tasks, filters);
        const kills = this.#manners.has('kills-staging') && !ledger.calm;
        if (kills && random.chance(0.3)) this.#killLatest();
      },
      launchGroup: (id, tasks) => {
        this.#launchGroup(id, tasks);
      },
      decline: (id, filters) => {
        this.declineOffer(id, filters);
      },
      revive: () => {
        this.reviveOffers();
      },
      suppress: () => {
        this.suppressOffers();
      },
    });
    this.#acknowledger = new Acknowledger({
      ...shared,
      calm: () => ledger.calm,
      acknowledge: (status) => {
        this.acknowledgeStatusUpdate(status);
      },
    });
  }

  protected override initialize(): void {
    super.initialize();
    this.#acknowledger.start();
    this.#tick();
    if (this.#manners.has('reconciles-in-storms')) this.#storm();
  }

  protected override registered(frameworkId: string): void {
    this.#options.ledger.frameworkId = frameworkId;
    this.reregistered();
  }

  protected override reregistered(): void {
    this.#options.ledger.currentLife = this.#options.life;
  }

  /** Another scheduler has taken over, and what still comes here has come late. */
  get #isPast(): boolean {
    return this.#options.ledger.currentLife !== this.#options.life;
  }

  protected override error(message: string): void {
    const { ledger } = this.#options;
    if (message === 'Framework has been removed') ledger.tornDown = true;
  }

  protected override resourceOffers(offers: readonly Offer[]): void {
    if (this.#isPast) return;
    const { ledger } = this.#options;
    ledger.offers += offers.length;
    ledger.onOffers(offers);
    this.#desk.offered(offers);
  }

  protected override offerRescinded(offerId: string): void {
    this.#desk.rescinded(offerId);
  }

  protected override slaveLost(agentId: string): void {
    this.#options.ledger.onAgentLost(agentId);
  }

  protected override frameworkMessage(_executor: string, _agent: string, data: Uint8Array): void {
    this.#options.ledger.messagesReceived.push(new TextDecoder().decode(data));
  }

  protected override statusUpdate(status: TaskStatus): void {
    if (this.#isPast) return;
    const launch = this.#options.ledger.note(status, this.runtime.clock.monotonic());
    this.#acknowledger.told(status, launch);
    // It was taken for lost, and lives: it is one too many now, or was never wanted.
    if (launch && launch.use !== 'wanted' && status.state === 'TASK_RUNNING') this.#kill(launch);
  }

  #tick(): void {
    this.delay(TICK_MS, () => {
      this.#tick();
    });
    if (!this.connected || this.#isPast) return;
    this.#ticks += 1;
    if (this.#ticks % ASKS_EVERY_TICKS === 0) this.#ask();
    this.#endSurplus();
    this.#desk.look();
    if (this.#options.ledger.calm) this.#acknowledger.catchUp();
    else this.#beRestless();
  }

  #lasting(): readonly Launch[] {
    return this.#options.ledger.launches.filter(({ lasts }) => lasts);
  }

  /** Those that may be up, as far as anyone can tell. */
  #counted(): readonly Launch[] {
    return this.#lasting().filter(
      (launch) => !isOver(launch) && !isOutOfSight(launch) && !launch.killed,
    );
  }

  #missing(): number {
    const { plan, ledger } = this.#options;
    return ledger.resting ? 0 : plan.instances - this.#counted().length;
  }

  #endSurplus(): void {
    const surplus = -this.#missing();
    const { ledger } = this.#options;
    const all = this.#counted();
    const toEnd = ledger.resting ? all : all.slice(all.length - Math.max(0, surplus));
    for (const launch of toEnd) this.#kill(launch);
  }

  /** About what has not been heard of for a while, and what should have ended by now. */
  #ask(): void {
    const { ledger, random, plan } = this.#options;
    const nowMs = this.runtime.clock.monotonic();
    const silent = ledger.launches.filter(
      (launch) => !isOver(launch) && nowMs - launch.atMs > FORGETS_WITHIN_MS,
    );
    if (silent.length > 0) this.reconcileTasks(silent.map(withAgent));
    this.reconcileTasks([]);
    for (const launch of silent) if (launch.killed) this.#kill(launch);
    // Whoever was given up for lost, and is not.
    if (!plan.aware && ledger.resting) this.#endLost();
    if (this.#manners.has('kills-unknown') && random.chance(0.5))
      this.killTask(`nobody-${String(ledger.next())}`);
  }

  #endLost(): void {
    for (const launch of this.#options.ledger.launches) {
      if (launch.statuses.at(-1)?.state !== 'TASK_LOST') continue;
      launch.killed = true; // Its end may be told before the word that it lives.
      this.killTask(launch.taskId);
    }
  }

  #kill(launch: Launch): void {
    const { random } = this.#options;
    launch.killed = true;
    const { taskId, agentId } = launch;
    this.killTask(taskId, random.chance(0.7) ? { agentId } : {});
    if (!this.#manners.has('kills-twice')) return;
    this.killTask(taskId, { agentId });
    this.delay(random.between(1, 10_000), () => {
      if (!isOver(launch)) this.killTask(taskId);
    });
  }

  /** Its executor would be the agent's own. */
  #launchGroup(offerId: string, tasks: readonly TaskInfo[]): void {
    const executor = {
      type: 'DEFAULT' as const,
      executor_id: { value: `group-of-${offerId}` },
      resources: resourcesOf(this.#options.plan, 0.1, 32),
    };
    const launch_group = { executor, task_group: { tasks: [...tasks] } };
    this.acceptOffers(offerId, [{ type: 'LAUNCH_GROUP', launch_group }], { refuse_seconds: 1 });
  }

  #killLatest(): void {
    const launch = this.#options.ledger.launches.at(-1);
    if (launch) this.#kill(launch);
  }

  #storm(): void {
    this.delay(STORM_MS, () => {
      this.#storm();
    });
    const { ledger } = this.#options;
    if (!this.connected || this.#isPast || ledger.resting) return;
    const live = ledger.launches.filter((launch) => !isOver(launch));
    if (live.length > 0) this.reconcileTasks(live.map(withAgent));
    this.reconcileTasks([]);
  }

  #beRestless(): void {
    const { random, ledger } = this.#options;
    const up = ledger.launches.filter(isUp);
    const one = random.pick(up);
    if (one && this.#manners.has('restarts-instances') && random.chance(RESTART_CHANCE))
      this.#kill(one);
    const { executorId } = one ?? {};
    if (!one || executorId === undefined || !random.chance(NOISE_CHANCE)) return;
    if (this.#manners.has('sends-messages')) {
      const text = `${one.token} ${String(ledger.next())}`;
      ledger.messagesSent.add(text);
      this.sendFrameworkMessage(executorId, one.agentId, new TextEncoder().encode(text));
    } else if (this.#manners.has('changes-executors') && random.chance(0.3)) {
      for (const each of ledger.launches) {
        if (each.executorId === executorId && each.agentId === one.agentId) each.killed = true;
      }
      this.shutdownExecutor(executorId, one.agentId);
    }
  }
}

const withAgent = ({ taskId, agentId }: Launch) => ({ taskId, agentId });
