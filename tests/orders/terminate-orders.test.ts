import { describe, expect, test } from '@jest/globals';
import { orderCount, ordersFrom } from '../support/all-orders.ts';
import { SteppedNode } from '../support/stepped-node.ts';
import { dispatch, Message, Process, UPID, type Future, type PID } from '../../libprocess/index.ts';

const STEPS = [
  'end it first',
  'end it last',
  'call',
  'call for ever',
  'message',
  'timer',
  'request',
  'wait',
  'link',
  'turn',
] as const;
type Step = (typeof STEPS)[number];

class Subject extends Process {
  readonly story: string[] = [];

  constructor() {
    super('subject');
    this.installRaw('word', () => this.story.push('message'));
    this.route('/', () => {
      this.story.push('request');
      return { status: 200, headers: {}, body: new Uint8Array() };
    });
  }
  protected override initialize(): void {
    this.story.push('initialize');
  }
  protected override finalize(): void {
    this.story.push('finalize');
  }
  call(): number {
    this.story.push('call');
    return 1;
  }
  forEver(): Promise<never> {
    this.story.push('call for ever');
    return new Promise(() => undefined);
  }
  setTimer(): void {
    this.delay(0, () => this.story.push('timer'));
  }
}

class Linker extends Process {
  exits = 0;

  protected override exited(): void {
    this.exits += 1;
  }
}

/** What came of a run, on either side. */
interface Outcome {
  readonly story: string[];
  readonly outcomes: string[];
  exits: number;
}

/** A queue, and what becomes of each thing in it. */
class Model implements Outcome {
  readonly story: string[] = [];
  readonly outcomes: string[] = [];
  exits = 0;
  #queue: { readonly what: Step; readonly index: number }[] = [];
  #stage: 'spawned' | 'running' | 'ended' = 'spawned';
  #linked = false;

  take(step: Step, index: number): void {
    if (step === 'turn') {
      this.run();
      return;
    }
    this.outcomes[index] = INITIALLY[step] ?? '';
    if (step === 'wait' || step === 'link') {
      this.#linkOrWait(step, index);
    } else if (this.#stage === 'ended') {
      this.outcomes[index] = ONCE_ENDED[step] ?? '';
    } else if (step === 'end it first') {
      this.#queue.unshift({ what: step, index });
    } else {
      this.#queue.push({ what: step, index });
    }
  }

  #linkOrWait(step: 'wait' | 'link', index: number): void {
    const ended = this.#stage === 'ended';
    if (step === 'wait') this.outcomes[index] = ended ? 'ready' : 'pending';
    else if (ended) this.exits += 1;
    else this.#linked = true;
  }

  run(): void {
    if (this.#stage === 'ended') return;
    if (this.#stage === 'spawned') this.story.push('initialize');
    this.#stage = 'running';
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      if (next.what.startsWith('end')) {
        this.#end();
        return;
      }
      this.story.push(next.what);
      this.outcomes[next.index] = ONCE_DONE[next.what] ?? '';
    }
  }

  #end(): void {
    this.story.push('finalize');
    this.#stage = 'ended';
    for (const { what, index } of this.#queue) this.outcomes[index] = IF_DROPPED[what] ?? '';
    for (const [index, outcome] of this.outcomes.entries()) {
      if (outcome === 'pending for ever') this.outcomes[index] = 'abandoned';
      if (outcome === 'pending') this.outcomes[index] = 'ready';
    }
    if (this.#linked) this.exits += 1;
  }
}

const INITIALLY: Partial<Record<Step, string>> = {
  call: 'waits',
  'call for ever': 'waits',
  request: 'waits',
};
const ONCE_DONE: Partial<Record<Step, string>> = {
  call: 'ready',
  'call for ever': 'pending for ever',
  request: '200',
};
const IF_DROPPED: Partial<Record<Step, string>> = {
  call: 'abandoned',
  'call for ever': 'abandoned',
  request: '503',
};
const ONCE_ENDED: Partial<Record<Step, string>> = {
  call: 'abandoned',
  'call for ever': 'abandoned',
  request: '404',
};

class Real {
  readonly node = new SteppedNode();
  readonly subject = new Subject();
  readonly #linker = new Linker('linker');
  readonly #pid: PID<Subject>;
  readonly #linkerPid: PID<Linker>;
  readonly #outcomes: (() => string)[] = [];

  constructor() {
    const { manager } = this.node;
    this.#linkerPid = manager.spawn(this.#linker);
    this.node.turn();
    this.#pid = manager.spawn(this.subject);
  }

  take(step: Step): void {
    const { manager } = this.node;
    const pid = this.#pid;
    this.#outcomes.push(() => '');
    if (step === 'turn') this.node.turn();
    else if (step === 'end it first') manager.terminate(pid);
    else if (step === 'end it last') manager.terminate(pid, { inject: false });
    else if (step === 'call') this.#tell(dispatch(pid, 'call'));
    else if (step === 'call for ever') this.#tell(dispatch(pid, 'forEver'));
    else if (step === 'wait') this.#tell(manager.wait(pid));
    else if (step === 'link') manager.link(this.#linkerPid, pid, 'reuse');
    else if (step === 'timer') this.#timer();
    else if (step === 'request') this.#request();
    else this.#message();
  }

  #timer(): void {
    this.subject.setTimer();
    this.node.fireTimers();
  }

  #message(): void {
    const from = new UPID('other', '10.0.0.2:5050');
    const to = new UPID('subject', this.node.manager.address);
    this.node.manager.deliver(Message.ofBytes({ name: 'word', from, to }, new Uint8Array()));
  }

  #request(): void {
    const response = this.node.manager.http({
      method: 'GET',
      path: '/subject',
      query: {},
      headers: {},
      body: new Uint8Array(),
      remoteAddress: '10.0.0.2:1',
    });
    this.#outcomes[this.#outcomes.length - 1] = () =>
      response.isReady ? String(response.value.status) : 'waits';
  }

  #tell(future: Future<unknown>): void {
    this.#outcomes[this.#outcomes.length - 1] = () =>
      future.isAbandoned ? 'abandoned' : future.isReady ? 'ready' : 'pending';
  }

  get outcome(): Outcome {
    return {
      story: this.subject.story,
      outcomes: this.#outcomes.map((tell) => tell()),
      exits: this.#linker.exits,
    };
  }
}

const DEPTH = 5;

const COUNT = orderCount(STEPS.length, DEPTH);

describe(`the end of a process, in all ${String(COUNT)} orders of up to ${String(DEPTH)} steps`, () => {
  test.each(STEPS)('comes as a model says if the first is: %s [P5, P6, P16]', (first) => {
    let orders = 0;
    for (const steps of ordersFrom(first, STEPS, DEPTH)) {
      orders += 1;
      const [real, model] = [new Real(), new Model()];
      for (const [index, step] of steps.entries()) {
        model.outcomes[index] = '';
        model.take(step, index);
        real.take(step);
      }
      model.run();
      real.node.turn();
      const { story, outcomes, exits } = model;
      const plain = outcomes.map((each) => each.replace(' for ever', ''));
      const [is, shall] = [real.outcome, { story, outcomes: plain, exits }];
      if (JSON.stringify(is) !== JSON.stringify(shall))
        expect({ steps, ...is }).toEqual({ steps, ...shall });
    }
    expect(orders).toBe(COUNT / STEPS.length);
  });
});
