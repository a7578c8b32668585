import { describe, expect, test } from '@jest/globals';
import { orderCount, ordersFrom } from '../support/all-orders.ts';
import { FuturePromise, type Future } from '../../libprocess/index.ts';

const ENDS = ['ready', 'failed', 'discarded', 'abandoned'] as const;
type End = (typeof ENDS)[number];
type State = 'pending' | End;

const STEPS = [
  'listen',
  'associate',
  'ask for a discard',
  'ask it of what follows',
  ...ENDS,
  ...ENDS.map((end) => `source ${end}` as const),
] as const;
type Step = (typeof STEPS)[number];

const isEnd = (step: string): step is End => ENDS.some((end) => end === step);
const stateOf = (future: Future<unknown>): State =>
  future.isAbandoned ? 'abandoned' : future.state;

function end(promise: FuturePromise<number>, how: End): boolean {
  if (how === 'ready') return promise.set(1);
  if (how === 'failed') return promise.fail(new RangeError('no'));
  return how === 'discarded' ? promise.discard() : promise.abandon();
}

const KINDS = ['ready', 'failed', 'discarded', 'abandoned', 'settled', 'any', 'discard'] as const;
type Kind = (typeof KINDS)[number];
type Calls = Record<Kind, number>;
const noCalls = (): Calls => Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Calls;

/** What must be, by a model that knows nothing of callbacks or of how futures are made. */
class Model {
  state: State = 'pending';
  source: State = 'pending';
  requested = false;
  sourceRequested = false;
  followerRequested = false;
  follower: State = 'pending';
  associated = false;
  readonly calls: Calls[] = [];

  /** What the step gives, if it gives anything. */
  take(step: Step): boolean | undefined {
    if (step === 'listen') this.#listen();
    if (step === 'associate') this.#associate();
    if (step === 'listen' || step === 'associate') return undefined;
    if (step === 'ask for a discard') return this.#request();
    if (step === 'ask it of what follows') return this.#requestOfFollower();
    if (isEnd(step)) return this.#end(step);
    return this.#endSource(step.slice('source '.length) as End);
  }

  #listen(): void {
    const calls = noCalls();
    this.calls.push(calls);
    if (this.state !== 'pending') this.#call(calls, this.state);
    else if (this.requested) calls.discard += 1;
  }

  #associate(): void {
    this.associated = true;
    if (this.state === 'pending' && this.requested) this.#requestOfSource();
    if (this.source !== 'pending') this.#end(this.source);
  }

  #request(): boolean {
    if (this.requested || this.state !== 'pending') return false;
    this.requested = true;
    for (const calls of this.calls) calls.discard += 1;
    if (this.associated) this.#requestOfSource();
    return true;
  }

  #requestOfSource(): void {
    if (this.source === 'pending') this.sourceRequested = true;
  }

  #requestOfFollower(): boolean {
    if (this.followerRequested || this.follower !== 'pending') return false;
    this.followerRequested = true;
    this.#request();
    return true;
  }

  #end(how: End): boolean {
    if (this.state !== 'pending') return false;
    this.state = how;
    this.follower =
      how === 'ready' && (this.followerRequested || this.requested) ? 'discarded' : how;
    for (const calls of this.calls) this.#call(calls, how);
    return true;
  }

  #endSource(how: End): boolean {
    if (this.source !== 'pending') return false;
    this.source = how;
    if (this.associated) this.#end(how);
    return true;
  }

  #call(calls: Calls, how: End): void {
    calls[how] += 1;
    calls.settled += 1;
    if (how !== 'abandoned') calls.any += 1;
  }
}

/** The futures themselves, taken through the same steps. */
class Real {
  readonly promise = new FuturePromise<number>();
  readonly source = new FuturePromise<number>();
  readonly follower = this.promise.future.then((value) => value + 1);
  readonly recovered = this.promise.future.recover(() => -1);
  readonly repaired = this.promise.future.repair(() => -2);
  readonly calls: Calls[] = [];

  take(step: Step): boolean | undefined {
    const { future } = this.promise;
    if (step === 'listen') this.#listen();
    if (step === 'associate') this.promise.associate(this.source.future);
    if (step === 'listen' || step === 'associate') return undefined;
    if (step === 'ask for a discard') return future.discard();
    if (step === 'ask it of what follows') return this.follower.discard();
    if (isEnd(step)) return end(this.promise, step);
    return end(this.source, step.slice('source '.length) as End);
  }

  #listen(): void {
    const calls = noCalls();
    this.calls.push(calls);
    const count = (kind: Kind) => (): void => void (calls[kind] += 1);
    this.promise.future
      .onReady(count('ready'))
      .onFailed(count('failed'))
      .onDiscarded(count('discarded'))
      .onAbandoned(count('abandoned'))
      .onSettled(count('settled'))
      .onAny(count('any'))
      .onDiscard(count('discard'));
  }
}

const shown = (real: Real): object => ({
  state: stateOf(real.promise.future),
  source: stateOf(real.source.future),
  requested: real.promise.future.hasDiscard,
  sourceRequested: real.source.future.hasDiscard,
  follower: stateOf(real.follower),
  recovered: stateOf(real.recovered),
  repaired: stateOf(real.repaired),
  calls: real.calls,
});

const expected = ({ state, ...model }: Model): object => ({
  state,
  source: model.source,
  requested: model.requested,
  sourceRequested: model.sourceRequested,
  follower: model.follower,
  recovered: state === 'pending' ? 'pending' : 'ready',
  repaired: state === 'failed' ? 'ready' : state,
  calls: model.calls,
});

const DEPTH = 5;

const COUNT = orderCount(STEPS.length, DEPTH);

describe(`a future, in all ${String(COUNT)} orders of up to ${String(DEPTH)} steps`, () => {
  test.each(STEPS)('does what a model does if the first is: %s [P9]', (first) => {
    let orders = 0;
    for (const steps of ordersFrom(first, STEPS, DEPTH)) {
      orders += 1;
      const [real, model] = [new Real(), new Model()];
      const gave = steps.map((step) => real.take(step));
      const gives = steps.map((step) => model.take(step));
      const [is, shall] = [
        { gave, ...shown(real) },
        { gave: gives, ...expected(model) },
      ];
      // The comparison in depth is for people: it takes its time.
      if (JSON.stringify(is) === JSON.stringify(shall)) continue;
      expect({ steps, ...is }).toEqual({ steps, ...shall });
    }
    expect(orders).toBe(COUNT / STEPS.length);
  });
});
