import type { Millis } from '../../libprocess/clock.ts';
import type { Future } from '../../libprocess/future.ts';
import type { UPID } from '../../libprocess/upid.ts';
import type { History, NodeLife } from '../checks/history.ts';

/** One process from its spawn to its end, as the oracle knows it. */
export interface Life {
  readonly ordinal: number;
  readonly node: NodeLife;
  upid: UPID | undefined;
  stage: 'spawned' | 'running' | 'ended';
  turn: string | undefined;
  /** The last that each other life said and this one has handled. */
  readonly heard: Map<number, number>;
  /** Told of by the node, and not handled so far. */
  exitsOwed: number;
}

export interface TimerModel {
  readonly life: Life;
  readonly dueMs: Millis;
  state: 'set' | 'fired' | 'cancelled';
}

/** Whether there is still somebody who can complete a future. */
export type Owner = () => boolean;

interface FutureModel {
  readonly what: string;
  readonly future: Future<unknown>;
  readonly node: NodeLife;
  readonly owner: Owner;
  settled: number;
  calls: number;
  state: string;
}

/**
 * The rules of processes, futures and timers, held against what the processes themselves see: P1, P2 and P3
 * up to the handler, P5, P6, P7 in its count, P9, P10, P11, P12 and P16. What has been killed is not judged.
 */
export class ActorOracle {
  readonly #history: History;
  readonly #lives: Life[] = [];
  readonly #timers: TimerModel[] = [];
  readonly #futures: FutureModel[] = [];
  readonly #nodes = new Map<string, NodeLife>();
  /** Of each kind of event, how many there were. */
  readonly counts = new Map<string, number>();

  constructor(history: History) {
    this.#history = history;
    history.on('begun', ({ node }) => {
      this.#nodes.set(node.address, node);
    });
    history.on('exited', ({ linker, node }) => {
      const life = this.#lives.findLast((each) => each.node === node && each.upid === linker);
      if (life) life.exitsOwed += 1;
    });
    history.onRest(() => this.#rest());
  }

  /** A process that is about to be spawned on the node that lives at `address`. */
  begin(address: string): Life {
    const node = this.#nodes.get(address);
    if (!node) throw new Error(`No node has begun at '${address}'`);
    const ordinal = this.#lives.length;
    const life: Life = {
      ordinal,
      node,
      upid: undefined,
      stage: 'spawned',
      turn: undefined,
      heard: new Map(),
      exitsOwed: 0,
    };
    this.#lives.push(life);
    return life;
  }

  /** P1, P5, P6: runs what a process does in one turn. */
  turn<T>(life: Life, what: string, work: () => T): T {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
    if (life.turn !== undefined)
      this.#violated('P1', life, `'${what}' runs in the midst of '${life.turn}'`);
    if (life.stage === 'ended') this.#violated('P5', life, `'${what}' runs after finalize`);
    if ((what === 'initialize') !== (life.stage === 'spawned'))
      this.#violated('P6', life, `'${what}' runs when it is ${life.stage}`);
    life.stage = what === 'finalize' ? 'ended' : 'running';
    const outer = life.turn;
    life.turn = what;
    try {
      return work();
    } finally {
      life.turn = outer;
    }
  }

  /** P2, P3: of two words of one to one the later is heard later, and neither twice. */
  heard(life: Life, speaker: number, word: number): void {
    const last = life.heard.get(speaker) ?? -1;
    if (word <= last)
      this.#violated(
        word === last ? 'P3' : 'P2',
        life,
        `hears word ${String(word)} of process ${String(speaker)} after word ${String(last)}`,
      );
    life.heard.set(speaker, word);
  }

  exited(life: Life): void {
    life.exitsOwed -= 1;
    if (life.exitsOwed < 0) this.#violated('P8', life, 'hears of an end that nobody told');
  }

  /** P6: who waits for an end is told after it. */
  waited(life: Life): void {
    if (life.stage !== 'ended')
      this.#violated('P6', life, `has been waited for, and is ${life.stage}`);
  }

  timer(life: Life, delayMs: Millis): TimerModel {
    const timer: TimerModel = { life, dueMs: this.#history.nowMs + delayMs, state: 'set' };
    this.#timers.push(timer);
    return timer;
  }

  fired(timer: TimerModel): void {
    const { state, dueMs, life } = timer;
    if (state !== 'set') this.#violated('P11', life, `has a timer fired that was ${state}`);
    if (this.#history.nowMs < dueMs)
      this.#violated(
        'P11',
        life,
        `has a timer fired ${String(dueMs - this.#history.nowMs)} ms early`,
      );
    timer.state = 'fired';
  }

  cancelled(timer: TimerModel): void {
    if (timer.state === 'set') timer.state = 'cancelled';
  }

  /** P9, P10: a future in hand of a process of `node`. */
  future(future: Future<unknown>, model: Pick<FutureModel, 'what' | 'node' | 'owner'>): void {
    const known: FutureModel = { ...model, future, settled: 0, calls: 0, state: 'pending' };
    this.#futures.push(known);
    const called = (): void => void (known.calls += 1);
    future.onReady(called).onFailed(called).onDiscarded(called).onAbandoned(called);
    future.onSettled(() => {
      known.settled += 1;
      known.state = stateOf(future);
      if (known.settled > 1)
        this.#history.violated('P9', `The future of ${known.what} ended twice`);
    });
  }

  /** P16: the target of a call has ended. */
  refused(life: Life, future: Future<unknown>): void {
    if (future.isAbandoned || future.isDiscarded) return;
    this.#history.violated(
      'P16',
      `A call of process ${String(life.ordinal)}, which has ended, is ${stateOf(future)}`,
    );
  }

  /** P15. */
  answeredWrongly(what: string): void {
    this.#history.violated('P15', what);
  }

  /** P12: all nodes have been closed. */
  closed(left: Readonly<Record<string, number>>): void {
    for (const [what, count] of Object.entries(left))
      if (count !== 0)
        this.#history.violated('P12', `${String(count)} ${what} are left of closed nodes`);
    for (const life of this.#lives)
      if (life.node.alive && life.stage !== 'ended')
        this.#violated('P6', life, 'was never finalized');
    for (const model of this.#futures) {
      this.#checkEnd(model);
      if (model.node.alive && model.state === 'pending' && !model.future.isAbandoned)
        this.#history.violated('P10', `The future of ${model.what} is pending, and all is over`);
    }
  }

  #rest(): void {
    const { nowMs } = this.#history;
    for (const life of this.#lives) {
      if (!life.node.alive || life.stage === 'ended') continue;
      if (life.stage === 'spawned') this.#violated('P6', life, 'has never begun');
      if (life.exitsOwed > 0) this.#violated('P7', life, 'has not handled an end that it was told');
    }
    for (const { life, dueMs, state } of this.#timers) {
      const owed = state === 'set' && life.node.alive && life.stage !== 'ended' && dueMs < nowMs;
      if (owed) this.#violated('P11', life, 'has a timer that never fired');
    }
    for (const model of this.#futures) {
      this.#checkEnd(model);
      const pending = model.future.isPending && !model.future.isAbandoned;
      if (pending && model.node.alive && !model.owner())
        this.#history.violated('P10', `The future of ${model.what} is pending, and nobody has it`);
    }
  }

  #checkEnd({ future, settled, calls, state, what, node }: FutureModel): void {
    if (!node.alive) return;
    const now = stateOf(future);
    if (now !== state)
      this.#history.violated('P9', `The future of ${what} was ${state}, is ${now}`);
    if (settled !== (now === 'pending' ? 0 : 1) || calls !== settled)
      this.#history.violated(
        'P9',
        `The future of ${what}, ${now}, has made ${String(calls)} calls of one kind and ${String(settled)} of all`,
      );
  }

  #violated(id: string, { ordinal, upid, node }: Life, what: string): void {
    if (node.alive)
      this.#history.violated(id, `${String(upid)} (process ${String(ordinal)}) ${what}`);
  }
}

const stateOf = (future: Future<unknown>): string =>
  future.isAbandoned ? 'abandoned' : future.state;
