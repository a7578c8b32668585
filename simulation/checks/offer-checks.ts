import type { Millis } from '../../libprocess/clock.ts';
import {
  LaunchTasksMessage,
  RescindResourceOfferMessage,
  ResourceOffersMessage,
  RunTaskGroupMessage,
  RunTaskMessage,
  scheduler,
  type Offer,
  type OfferID,
  type OfferOperation,
  type TaskInfo,
} from '../../proto/index.ts';
import type { EventOf, History, NodeLife } from './history.ts';
import { PerLife } from './per-life.ts';

/** Calls and rescissions may cross in one moment of a master. */
const MOMENT_MS: Millis = 5;
/** ... of one that has more to do than it can. */
const BUSY_MOMENT_MS: Millis = 30_000;
/** Offers that have ended and may still be named. */
const ENDED_MAX = 4_096;

interface OfferState {
  readonly to: string;
  readonly agentId: string;
  /** Used as soon as the call is there: until its turn has come the offer may be rescinded. */
  end: { readonly how: 'used' | 'rescinded'; readonly untilMs: Millis } | undefined;
}

interface Accept {
  readonly offer_ids?: readonly OfferID[] | undefined;
  readonly operations?: readonly OfferOperation[] | undefined;
}

/** What one life of a master has offered and launched. */
interface Books {
  readonly offers: Map<string, OfferState>;
  /** Tasks, with their frameworks, that an accept of offers in force named, and that were not sent so far. */
  readonly launchable: Map<string, string>;
}

/**
 * O1, O3, O7 and T2 by the messages of masters: an offer is made once and ends once; an agent gets a task
 * at most once for each accept of an offer in force, which was one of that agent to that scheduler.
 */
export class OfferChecks {
  readonly #history: History;
  readonly #books = new PerLife<Books>(() => ({ offers: new Map(), launchable: new Map() }));

  constructor(history: History) {
    this.#history = history;
    history.onMessage('sent', ResourceOffersMessage, ({ offers }, { node, message }) => {
      for (const offer of offers ?? []) this.#offered(offer, node, message.to.toString());
    });
    history.onMessage('sent', RescindResourceOfferMessage, ({ offer_id }, { node }) => {
      this.#rescinded(offer_id.value, node);
    });
    history.onMessage(
      'delivered',
      scheduler.Call,
      ({ type, framework_id, accept, decline }, event) => {
        if (type === 'DECLINE') this.#used(decline?.offer_ids ?? [], event);
        if (type === 'ACCEPT') this.#accepted(framework_id?.value, accept, event);
      },
    );
    history.onMessage(
      'delivered',
      LaunchTasksMessage,
      ({ framework_id, offer_ids, tasks }, event) => {
        const operations = [{ type: 'LAUNCH' as const, launch: { task_infos: tasks ?? [] } }];
        this.#accepted(framework_id.value, { offer_ids, operations }, event);
      },
    );
    // Agents hand tasks to executors in the same words.
    history.onMessage('sent', RunTaskMessage, ({ framework, task }, { node, message }) => {
      if (message.from.id === 'master') this.#launched(framework.id?.value, task, node);
    });
    history.onMessage('sent', RunTaskGroupMessage, (group, { node, message }) => {
      if (message.from.id !== 'master') return;
      for (const task of group.task_group.tasks ?? [])
        this.#launched(group.framework.id?.value, task, node);
    });
  }

  #offered({ id, slave_id, resources }: Offer, node: NodeLife, to: string): void {
    const { offers } = this.#books.of(node);
    if (offers.has(id.value)) this.#history.violated('O1', `offer '${id.value}' is made twice`);
    const roles = new Set(resources?.map(({ allocation_info }) => allocation_info?.role));
    if (roles.size > 1) this.#history.violated('O7', `offer '${id.value}' is for several roles`);
    offers.set(id.value, { to, agentId: slave_id.value, end: undefined });
    if (offers.size <= ENDED_MAX) return;
    const [oldest] = [...offers].filter(([, offer]) => offer.end).map(([name]) => name);
    if (oldest !== undefined) offers.delete(oldest);
  }

  #rescinded(id: string, node: NodeLife): void {
    const offer = this.#books.of(node).offers.get(id);
    if (!offer) {
      this.#history.violated('O1', `offer '${id}' is rescinded, and was not made`);
      return;
    }
    const { nowMs } = this.#history;
    if (offer.end?.how === 'rescinded')
      this.#history.violated('O1', `offer '${id}' is rescinded twice`);
    else if (offer.end && nowMs > offer.end.untilMs)
      this.#history.violated('O1', `offer '${id}' was used, and is rescinded`);
    else offer.end = { how: 'rescinded', untilMs: nowMs };
  }

  /** Whether all offers were in force, and of one agent to the one who calls. */
  #used(ids: readonly OfferID[], { node, message }: EventOf<'sent' | 'delivered'>): boolean {
    const { offers } = this.#books.of(node);
    const from = message.from.toString();
    const untilMs = this.#history.nowMs + (node.busy === true ? BUSY_MOMENT_MS : MOMENT_MS);
    let valid = ids.length > 0 && new Set(ids.map(({ value }) => value)).size === ids.length;
    const agents = new Set<string>();
    for (const { value } of ids) {
      const offer = offers.get(value);
      valid &&= offer?.to === from && offer.end === undefined;
      if (offer?.to !== from) continue;
      agents.add(offer.agentId);
      offer.end ??= { how: 'used', untilMs };
    }
    return valid && agents.size === 1;
  }

  #accepted(
    frameworkId: string | undefined,
    { offer_ids: ids = [], operations = [] }: Accept = {},
    event: EventOf<'sent' | 'delivered'>,
  ): void {
    const books = this.#books.of(event.node);
    const agentId = books.offers.get(ids[0]?.value ?? '')?.agentId ?? '';
    if (!this.#used(ids, event)) return;
    for (const { launch, launch_group } of operations) {
      const tasks = [...(launch?.task_infos ?? []), ...(launch_group?.task_group.tasks ?? [])];
      for (const { task_id } of tasks)
        books.launchable.set(`${frameworkId ?? ''} ${task_id.value}`, agentId);
    }
  }

  #launched(frameworkId: string | undefined, task: TaskInfo, node: NodeLife): void {
    const { launchable } = this.#books.of(node);
    const key = `${frameworkId ?? ''} ${task.task_id.value}`;
    const agentId = launchable.get(key);
    launchable.delete(key);
    if (agentId === undefined)
      this.#history.violated('O3', `task '${key}' is launched without an offer in force`);
    else if (agentId !== task.slave_id.value)
      this.#history.violated('O3', `task '${key}' is launched on another agent than was offered`);
  }
}
