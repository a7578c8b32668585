import type { Millis } from '../../libprocess/clock.ts';
import { Message } from '../../libprocess/message.ts';
import type { TraceLine } from '../../libprocess/trace-line.ts';
import { UPID } from '../../libprocess/upid.ts';
import { FrameworkChecks } from '../checks/frameworks/framework-checks.ts';
import { FrameworkSeats } from '../checks/frameworks/framework-seats.ts';
import { History, type HistoryEvent, type NodeLife, type Violation } from '../checks/history.ts';
import { LinkChecks } from '../checks/link-checks.ts';
import { MessageChecks } from '../checks/message-checks.ts';
import { OfferChecks } from '../checks/offer-checks.ts';
import { AnswerChecks } from '../checks/tasks/answer-checks.ts';
import { DeliveryChecks } from '../checks/tasks/delivery-checks.ts';
import { UpdateChecks } from '../checks/update-checks.ts';
import { mergeTraces } from './merge-traces.ts';
import { TraceError } from './read-trace.ts';

export interface TraceReport {
  readonly events: number;
  /** Lives of nodes. */
  readonly lives: number;
  /** Between two nodes that are both in the traces. */
  readonly messages: number;
  readonly violations: readonly Violation[];
}

/**
 * Holds what real nodes have written down against the invariants of libprocess and of status
 * updates that simulations check, by the same checkers; where all that masters spoke with is traced, also
 * against those of offers, launches and frameworks. What they had to do with nodes that are in none of the traces is left out, and
 * so is what is owed at the end: nobody knows whether the cluster had come to rest.
 */
export async function checkTraces(paths: readonly string[]): Promise<TraceReport> {
  const past = await survey(paths);
  const replay = new Replay(past);
  for await (const line of mergeTraces(paths)) replay.see(line);
  return replay.report();
}

/** What has to be known from the beginning. */
interface Survey {
  /** When each life of each node was last seen, by address. */
  readonly lastSeenMs: ReadonlyMap<string, readonly Millis[]>;
  /** Whether all that masters have spoken with is in the traces. */
  readonly knowsMasters: boolean;
}

async function survey(paths: readonly string[]): Promise<Survey> {
  const lastSeenMs = new Map<string, Millis[]>();
  const boots = new Set<string>();
  const peers = new Set<string>();
  for await (const line of mergeTraces(paths)) {
    const lives = lastSeenMs.get(line.node) ?? [];
    lastSeenMs.set(line.node, lives);
    if (line.kind === 'begun') boots.add(line.boot);
    if ('from' in line && [line.from, line.to].some((process) => process.startsWith('master@')))
      for (const process of [line.from, line.to]) peers.add(addressOf(process));
    if (line.kind === 'begun' || lives.length === 0) lives.push(line.at);
    lives[lives.length - 1] = line.at;
  }
  if (boots.size > 1) throw new TraceError('The traces are of several hosts, or boots of one');
  return { lastSeenMs, knowsMasters: [...peers].every((address) => lastSeenMs.has(address)) };
}

const addressOf = (process: string): string => process.slice(process.indexOf('@') + 1);

/** Traces made into a history again. */
class Replay {
  readonly #survey: Survey;
  readonly #history: History;
  readonly #lives = new Map<string, TracedLife[]>();
  readonly #pids = new Map<string, UPID>();
  #nowMs: Millis = 0;
  #events = 0;
  #messages = 0;

  constructor(past: Survey) {
    this.#survey = past;
    this.#history = new History(() => this.#nowMs);
    new MessageChecks(this.#history);
    new LinkChecks(this.#history);
    new UpdateChecks(this.#history);
    if (!past.knowsMasters) return; // What nobody seems to have asked for may have been asked unseen.
    new OfferChecks(this.#history);
    const seats = new FrameworkSeats(this.#history);
    new AnswerChecks(this.#history, seats);
    new DeliveryChecks(this.#history);
    // Operators ask by HTTP, which is in no trace.
    new FrameworkChecks(this.#history, seats, () => true);
  }

  see(line: TraceLine): void {
    this.#nowMs = line.at;
    this.#events += 1;
    const event = this.#eventOf(line, this.#lifeOf(line));
    if (event) this.#history.see(event);
  }

  report(): TraceReport {
    return {
      events: this.#events,
      lives: [...this.#lives.values()].flat().length,
      messages: this.#messages,
      violations: this.#history.violations,
    };
  }

  #lifeOf({ node, kind, at }: TraceLine): NodeLife {
    const known = this.#lives.get(node) ?? [];
    this.#lives.set(node, known);
    const current = known.at(-1);
    if (current && kind !== 'begun') return current;
    const lastSeenMs = this.#survey.lastSeenMs.get(node)?.[known.length] ?? at;
    const life = new TracedLife({ address: node, beganAtMs: at, lastSeenMs }, () => this.#nowMs);
    known.push(life);
    return life;
  }

  #eventOf(line: TraceLine, node: NodeLife): HistoryEvent | undefined {
    switch (line.kind) {
      case 'begun':
        return { kind: 'begun', node };
      case 'spawned':
      case 'ended':
        return { kind: line.kind, node, pid: this.#process(line) };
      case 'sent':
      case 'delivered':
      case 'undelivered': {
        const message = messageOf(line, this.#pids);
        if (!this.#isTraced(message.from) || !this.#isTraced(message.to)) return undefined;
        if (line.kind === 'sent' && message.to.address !== node.address) this.#messages += 1;
        return { kind: line.kind, node, message };
      }
      case 'linked':
        return {
          kind: 'linked',
          node,
          linker: pidOf(line.linker),
          to: pidOf(line.to),
          mode: line.mode,
        };
      case 'exited':
        return { kind: 'exited', node, linker: pidOf(line.linker), of: pidOf(line.of) };
      case 'lost':
        return { kind: 'lost', node, address: line.address };
    }
  }

  /** One object for each life of a process, by which checkers know it. */
  #process({ kind, process }: Extract<TraceLine, { process: string }>): UPID {
    const pid = kind === 'ended' ? this.#pids.get(process) : undefined;
    const known = pid ?? pidOf(process);
    this.#pids.set(process, known);
    return known;
  }

  #isTraced({ address }: UPID): boolean {
    return this.#survey.lastSeenMs.has(address);
  }
}

class TracedLife implements NodeLife {
  /** Real nodes take their time. */
  readonly busy = true;
  readonly address: string;
  readonly beganAtMs: Millis;
  readonly #lastSeenMs: Millis;
  readonly #clock: () => Millis;

  constructor(
    {
      address,
      beganAtMs,
      lastSeenMs,
    }: { readonly address: string; readonly beganAtMs: Millis; readonly lastSeenMs: Millis },
    clock: () => Millis,
  ) {
    this.address = address;
    this.beganAtMs = beganAtMs;
    this.#lastSeenMs = lastSeenMs;
    this.#clock = clock;
  }

  /** Nobody writes down that he was killed: whoever says nothing any more may have been. */
  get alive(): boolean {
    return this.#clock() <= this.#lastSeenMs;
  }
}

function pidOf(text: string): UPID {
  const pid = UPID.parse(text);
  if (!pid) throw new TraceError(`'${text}' is no UPID`);
  return pid;
}

function messageOf(
  { from, to, name, body }: Extract<TraceLine, { body: string }>,
  known: ReadonlyMap<string, UPID>,
): Message {
  const bytes = Buffer.from(body, 'base64');
  return Message.ofBytes({ name, from: known.get(from) ?? pidOf(from), to: pidOf(to) }, bytes);
}
