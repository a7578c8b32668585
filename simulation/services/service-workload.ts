import type { SimRandom } from '../../libprocess/sim/sim-random.ts';
import type { Offer } from '../../proto/index.ts';
import type { Cluster } from '../../testing/cluster.ts';
import type { Deeds } from '../deeds.ts';
import type { FrameworkMember, Workload } from '../framework-member.ts';
import { InstanceOracle } from './instance-oracle.ts';
import { checkService } from './service-checks.ts';
import {
  isOutOfSight,
  isOver,
  isUnacknowledged,
  isUp,
  ownEnd,
  type Launch,
} from './service-ledger.ts';
import { ServiceMember } from './service-member.ts';
import type { ServicePlan } from './service-plan.ts';
import { watchBound } from './bound-instances.ts';
import { Departure } from './departure.ts';
import { tearDown } from './tear-down.ts';

const OFFERS_REMEMBERED = 50;
const END_MS_MAX = 300_000;

/** Services that are kept up as long as the story lasts, by frameworks with manners of all kinds. */
export class ServiceWorkload implements Workload {
  readonly #cluster: Cluster;
  readonly #oracle: InstanceOracle;
  readonly #deeds: Deeds;
  readonly #random: SimRandom;
  readonly #services: readonly ServiceMember[];
  readonly #departures = new Map<ServiceMember, Departure>();
  /** Of anyone: for those who use what is not theirs. */
  readonly #offers: { readonly to: string; readonly offer: Offer }[] = [];

  constructor(cluster: Cluster, plans: readonly ServicePlan[], deeds: Deeds) {
    this.#cluster = cluster;
    this.#deeds = deeds;
    this.#oracle = new InstanceOracle(cluster, deeds);
    this.#random = cluster.sim.random.split('services');
    this.#services = plans.map(
      (plan) => new ServiceMember(cluster, plan, () => this.#foreign(plan.name)),
    );
    for (const member of this.#services) this.#listen(member);
  }

  #listen({ record, plan }: ServiceMember): void {
    record.onStatus = (launch, status) => {
      // Others may be told too early: with the connection to an agent all that it runs of them is lost.
      if (plan.aware && plan.checkpoint) this.#oracle.told(launch, status);
    };
    this.watchOffers(plan.name, record);
  }

  /** Other workloads' offers may be taken as well. */
  watchOffers(to: string, record: Pick<FrameworkMember['record'], 'onOffers'>): void {
    record.onOffers = (offers) => {
      for (const offer of offers) this.#offers.push({ to, offer });
      this.#offers.splice(0, this.#offers.length - OFFERS_REMEMBERED);
    };
  }

  #foreign(name: string): Offer | undefined {
    return this.#random.pick(this.#offers.filter(({ to }) => to !== name))?.offer;
  }

  get members(): readonly ServiceMember[] {
    return this.#services.filter(({ plan }) => plan.fate === 'stays');
  }

  /** Some suppress offers, or refuse them for a week. */
  readonly eager = [];

  get guests(): readonly ServiceMember[] {
    return this.#services.filter(({ plan }) => plan.fate !== 'stays');
  }

  async begin(): Promise<void> {
    for (const member of this.#services) await member.begin();
    watchBound(this.#cluster, this.#services, this.#oracle);
    for (const guest of this.guests) this.#endSoon(guest);
  }

  #endSoon(guest: ServiceMember): void {
    const random = this.#random;
    this.#cluster.sim.at(random.between(5_000, END_MS_MAX), () => {
      if (guest.plan.fate === 'leaves')
        this.#departures.set(guest, new Departure(this.#cluster, guest, random));
      else tearDown(this.#cluster, guest, this.#deeds);
    });
  }

  /** M15: whatever was broken, in the end all instances that are wanted are up. */
  missing(outside: ReadonlySet<string> = new Set()): readonly string[] {
    const isUpInside = (launch: Launch): boolean =>
      launch.lasts &&
      isUp(launch) &&
      this.#oracle.isRunning(launch.token) &&
      !outside.has(this.#oracle.of(launch.token)?.machine.name ?? '');
    return this.members.flatMap(({ name, plan, record, connected }) => {
      const all = record.launches.filter(isUpInside);
      const up = all.length;
      const unanswered = all.filter(({ answered }) => !answered);
      return [
        ...(up < plan.instances ? [`${up} of ${plan.instances} instances of ${name} up`] : []),
        // M12: whoever asks is answered.
        ...unanswered.map(({ token }) => `an answer about ${token}`),
        // M8: of two schedulers one is told that it is of the past.
        ...(connected === 1 ? [] : [`${connected} connected schedulers of ${name}`]),
      ];
    });
  }

  calmDown(): void {
    for (const { record } of this.#services) record.calmDown();
  }

  goOn(): void {
    for (const { record } of this.#services) record.calm = false;
  }

  /** M10: frameworks that an operator has ended come once more, and are told that they are over. */
  async windDown(): Promise<void> {
    for (const { record } of this.#services) record.resting = true;
    for (const guest of this.guests) {
      if (guest.plan.fate === 'leaves' || guest.record.frameworkId === undefined) continue;
      guest.record.tornDown = false;
      await guest.begin();
    }
  }

  unfinished(): readonly string[] {
    const open = this.members.flatMap(({ record, plan }) =>
      record.launches.filter((launch) => this.#isOpen(launch, plan)),
    );
    return [
      ...open.map(({ token }) => `end of ${token}`),
      ...this.#oracle.leftovers().map((each) => `${each} runs`),
      ...this.guests.filter((guest) => this.#isThere(guest)).map(({ name }) => `end of ${name}`),
    ];
  }

  /** Its end has not been told, by the agent itself if that can be, or not been acknowledged. */
  #isOpen(launch: Launch, { aware, checkpoint }: ServicePlan): boolean {
    const instance = this.#oracle.of(launch.token);
    // T1: also what never began is answered. It leaves nothing on an agent's disk.
    if (!instance) return !isOver(launch) && !isOutOfSight(launch);
    const isExcused = this.#deeds.isExcused(instance);
    // Its agent will not be back under its id: it stays unreachable.
    if (!isOver(launch)) return !(isExcused && isOutOfSight(launch));
    if (!checkpoint) return false; // Its agent may have forgotten it.
    const isLost = !aware && launch.statuses.at(-1)?.state === 'TASK_LOST';
    return !isLost && !isExcused && (!ownEnd(launch) || isUnacknowledged(launch));
  }

  #isThere(guest: ServiceMember): boolean {
    const { plan, connected, record } = guest;
    if (plan.fate === 'leaves') return this.#departures.get(guest)?.isOver !== true;
    return connected > 0 || !record.tornDown;
  }

  check(): void {
    const facts = { oracle: this.#oracle, deeds: this.#deeds };
    for (const member of this.#services) checkService(member, facts);
  }
}
