import type { Millis } from '../../libprocess/clock.ts';
import { dispatch, tell } from '../../libprocess/dispatch.ts';
import { Future, FuturePromise } from '../../libprocess/future.ts';
import type { Request, Response } from '../../libprocess/http/http.ts';
import type { MessageType } from '../../libprocess/message.ts';
import type { PID } from '../../libprocess/pid.ts';
import type { ProcessManager } from '../../libprocess/process-manager.ts';
import { ProtobufProcess } from '../../libprocess/protobuf-process.ts';
import type { SimRandom } from '../../libprocess/sim/sim-random.ts';
import { UPID } from '../../libprocess/upid.ts';
import type { ActorOracle, Life, TimerModel } from './actor-oracle.ts';

/** Who says it, its how manieth word to whom it may concern, and whom else it knows. */
interface Word {
  readonly speaker: number;
  readonly word: number;
  readonly about: string;
}

const WORD: MessageType<Word> = {
  fullName: 'simulation.Word',
  encode: ({ speaker, word, about }) =>
    new TextEncoder().encode(`${String(speaker)} ${String(word)} ${about}`),
  decode: (bytes) => {
    const [speaker, word, about = ''] = new TextDecoder().decode(bytes).split(' ');
    return { speaker: Number(speaker), word: Number(word), about };
  },
};

const ACTS_WITHIN_MS: Millis = 4_000;
const TIMER_MS_MAX: Millis = 5_000;
/** Of timers that are cancelled, or that their process does not live to see. */
const LONG_TIMER_MS_MAX: Millis = 10 * 3_600_000;
const KNOWN_MAX = 12;
/** Of one node; more are not spawned. */
const PROCESSES_MAX = 8;
const REQUEST_TIMEOUT_MS: Millis = 20_000;
/** The manners in which a call is answered. */
const ANSWERS = ['at once', 'later', 'never', 'by another', 'by a throw', 'by a failure'] as const;
type Answer = (typeof ANSWERS)[number];

interface Timer {
  readonly model: TimerModel;
  readonly handle: Disposable;
  /** Nobody waits for it: it may be cancelled. */
  readonly idle: boolean;
}

export interface Stage {
  readonly oracle: ActorOracle;
  readonly random: SimRandom;
  /** Whom everybody knows. */
  readonly everybody: readonly UPID[];
  /** Those of the node, also some that have ended. */
  readonly here: PID<TestedProcess>[];
  readonly lifeOf: WeakMap<UPID, Life>;
}

/**
 * Does all that a process can do, now and then and to anybody: it speaks, links, calls, spawns, ends
 * others and itself, sets timers, asks and answers over HTTP. Each of its turns passes the oracle.
 */
export class TestedProcess extends ProtobufProcess {
  readonly life: Life;
  readonly #stage: Stage;
  readonly #timers: Timer[] = [];
  #known: UPID[] = [];
  #words = 0;
  #silent = false;

  constructor(stage: Stage, id: string | undefined, address: string) {
    super(id ?? ((node) => node.generateId('child')));
    this.#stage = stage;
    this.life = stage.oracle.begin(address);
    this.install(WORD, (_from, { speaker, word, about }) => {
      this.#turn('message', () => {
        stage.oracle.heard(this.life, speaker, word);
        const upid = UPID.parse(about);
        if (upid) this.#remember(upid);
      });
    });
    this.route('/ask', (request) => this.#turn('request', () => this.#respond(request)));
  }

  protected override initialize(): void {
    this.#turn('initialize', () => {
      this.#actLater();
    });
  }

  protected override finalize(): void {
    this.#turn('finalize', () => undefined);
  }

  protected override exited(upid: UPID): void {
    this.#turn('exited', () => {
      const { oracle, random } = this.#stage;
      oracle.exited(this.life);
      if (this.#silent || random.chance(0.5)) return;
      this.#say(upid);
      if (random.chance(0.5)) this.link(upid);
    });
  }

  /** Spawns it, so that all know whose life is whose. */
  begin(node: ProcessManager): PID<this> {
    const pid = node.spawn(this);
    this.life.upid = pid;
    this.#stage.here.push(pid);
    this.#stage.lifeOf.set(pid, this.life);
    return pid;
  }

  fallSilent(): void {
    this.#turn('call', () => {
      this.#silent = true;
    });
  }

  hear(word: number): number {
    return this.#turn('call', () => word);
  }

  answer(
    how: Answer,
    other: PID<TestedProcess> | undefined,
    promise: FuturePromise<number>,
  ): unknown {
    return this.#turn('call', () => {
      if (how === 'at once') return 1;
      if (how === 'by a throw') throw new RangeError('as it was asked');
      if (how === 'by a failure') return Future.failed(new RangeError('as it was asked'));
      if (how === 'by another' && other) return dispatch(other, 'hear', 1);
      if (how === 'later') this.#timer(() => promise.set(1));
      return promise.future;
    });
  }

  #actLater(): void {
    this.#timer(() => {
      if (this.#silent) return;
      const { random } = this.#stage;
      for (let left = random.between(1, 2); left > 0; left -= 1) random.pick(this.#deeds)?.();
      this.#actLater();
    }, ACTS_WITHIN_MS);
  }

  readonly #deeds: readonly (() => void)[] = [
    () => this.#speak(),
    () => this.#speak(),
    () => this.#link(),
    () => this.#spawn(),
    () => this.#end(),
    () => this.#call(),
    () => this.#call(),
    () => this.#cancel(),
    () => this.#defer(),
    () => this.#ask(),
    () => this.#work(),
    () => this.#completeTwice(),
  ];

  #speak(): void {
    const to = this.#anybody();
    for (let left = this.#stage.random.between(1, 3); left > 0; left -= 1) this.#say(to);
  }

  #link(): void {
    this.link(this.#anybody(), this.#stage.random.chance(0.25) ? 'reconnect' : 'reuse');
  }

  #spawn(): void {
    const { here, oracle } = this.#stage;
    if (here.filter((pid) => this.node.has(pid.id)).length >= PROCESSES_MAX) return;
    const child = new TestedProcess(this.#stage, undefined, this.self.address);
    const pid = child.begin(this.node);
    this.#remember(pid);
    const ended = this.node.wait(pid);
    ended.onReady(() => {
      oracle.waited(child.life);
    });
    this.#own(ended, 'a wait', () => child.life.stage !== 'ended');
  }

  /** One that it knows, or itself; those that everybody knows come back in a moment. */
  #end(): void {
    const { random, here } = this.#stage;
    const pid = random.chance(0.3) ? this.self : random.pick(here);
    if (pid) this.node.terminate(pid, { inject: random.chance(0.5) });
  }

  #call(): void {
    const { random, here, oracle } = this.#stage;
    const [pid, other] = [random.pick(here), random.pick(here)];
    const target = this.#lifeOf(pid);
    if (!pid || !target) return;
    const how = random.pick(ANSWERS) ?? 'at once';
    if (random.chance(0.3)) {
      tell(pid, 'hear', 1);
      return;
    }
    const promise = new FuturePromise<number>();
    const ended = target.stage === 'ended';
    const future = dispatch(pid, 'answer', how, other, promise);
    if (ended) oracle.refused(target, future);
    if (random.chance(0.1)) future.discard();
    // At rest all timers have fired, and what is asked of another is answered at once.
    this.#own(future, `a call answered ${how}`, () => how === 'never' && target.stage !== 'ended');
    const chained = future.then(() => 2).repair(() => 3);
    this.#own(
      chained,
      `what follows from a call answered ${how}`,
      () => future.isPending && !future.isAbandoned,
    );
  }

  #cancel(): void {
    const { random, oracle } = this.#stage;
    const { model, handle } = random.pick(this.#timers.filter((each) => each.idle)) ?? {};
    if (!model || !handle) {
      this.#timer(() => undefined, random.pick([TIMER_MS_MAX, LONG_TIMER_MS_MAX]), true);
      return;
    }
    oracle.cancelled(model);
    handle[Symbol.dispose]();
  }

  /** By way of another's turn. */
  #defer(): void {
    const back = this.defer(() => {
      this.#turn('deferred', () => undefined);
    });
    const pid = this.#stage.random.pick(this.#stage.here);
    if (pid) this.node.post(pid, back);
    else back();
  }

  #work(): void {
    const { random } = this.#stage;
    const fails = random.chance(0.3);
    const done = this.async(() => {
      if (fails) throw new RangeError('as it was asked');
      return 1;
    });
    this.#own(
      done.repair(() => 0),
      'work of nobody',
      () => false,
    );
  }

  /** The first completion counts, whatever it is. */
  #completeTwice(): void {
    const promise = new FuturePromise<number>();
    this.#own(promise.future, 'a promise', () => false);
    const ways = this.#stage.random.shuffle([
      () => promise.set(1),
      () => promise.fail(new RangeError('too late')),
      () => promise.discard(),
      () => promise.abandon(),
    ]);
    for (const complete of ways) complete();
  }

  #ask(): void {
    const { random, oracle, everybody } = this.#stage;
    const to = random.pick(everybody);
    if (!to) return;
    const question = `${String(this.life.ordinal)}-${String((this.#words += 1))}`;
    const request = { method: 'GET', path: `/${to.id}/ask`, query: { question } };
    const asked = this.runtime.network.request(
      to.address,
      { ...request, headers: {}, body: new Uint8Array() },
      { timeoutMs: REQUEST_TIMEOUT_MS },
    );
    let answers = 0;
    asked.onReady(({ status, body }) => {
      answers += 1;
      const text = body instanceof Uint8Array ? new TextDecoder().decode(body) : '';
      if (answers > 1 || (status === OK && text !== question))
        oracle.answeredWrongly(`'${question}' is answered with '${text}'`);
    });
    this.#own(asked, 'a request', () => false);
  }

  #respond({ query }: Request): Response | Future<Response> {
    const { random } = this.#stage;
    const body = new TextEncoder().encode(query['question'] ?? '');
    const response = { status: OK, headers: {}, body };
    if (random.chance(0.6)) return response;
    if (random.chance(0.2)) throw new RangeError('as it likes');
    const promise = new FuturePromise<Response>();
    this.#timer(() => promise.set(response));
    return promise.future;
  }

  #own(future: Future<unknown>, what: string, owner: () => boolean): void {
    this.#stage.oracle.future(future, { what, owner, node: this.life.node });
  }

  #lifeOf(pid: PID<TestedProcess> | undefined): Life | undefined {
    return pid && this.#stage.lifeOf.get(pid);
  }

  #anybody(): UPID {
    return this.#stage.random.pick([...this.#stage.everybody, ...this.#known]) ?? this.self;
  }

  #say(to: UPID): void {
    const about = this.#stage.random.pick(this.#known)?.toString() ?? '';
    this.#words += 1;
    this.send(to, WORD, { speaker: this.life.ordinal, word: this.#words, about });
  }

  #remember(upid: UPID): void {
    this.#known = [...this.#known.slice(1 - KNOWN_MAX), upid];
  }

  #turn<T>(what: string, work: () => T): T {
    return this.#stage.oracle.turn(this.life, what, work);
  }

  #timer(fired: () => void, delayMsMax: Millis = TIMER_MS_MAX, idle = false): void {
    const { oracle, random } = this.#stage;
    const delayMs = random.between(0, delayMsMax);
    const model = oracle.timer(this.life, delayMs);
    const handle = this.delay(delayMs, () => {
      this.#turn('timer', () => {
        oracle.fired(model);
        fired();
      });
    });
    this.#timers.push({ model, handle, idle });
    if (this.#timers.length > KNOWN_MAX) this.#timers.shift();
  }
}

const OK = 200;
