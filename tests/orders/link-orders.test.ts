import { describe, expect, test } from '@jest/globals';
import { orderCount, ordersFrom } from '../support/all-orders.ts';
import { SteppedNode } from '../support/stepped-node.ts';
import { Message, Process, UPID, type PID, type Transport } from '../../libprocess/index.ts';

const THERE = '10.0.0.2:5050';
const SUBJECT = new UPID('subject', THERE);
const OTHER = new UPID('other', THERE);

const STEPS = [
  'first links subject',
  'first links it anew',
  'second links subject',
  'first links other',
  'subject says something',
  'subject ends',
  'connection is lost',
  'first ends',
  'turn',
] as const;
type Step = (typeof STEPS)[number];

class Linker extends Process {
  readonly story: string[] = [];

  constructor(id: string) {
    super(id);
    this.installRaw('word', () => this.story.push('word'));
  }
  protected override exited(upid: UPID): void {
    this.story.push(`exited ${upid.id}`);
  }
}

/** Who is linked to whom, and what each has been told but not handled. */
class Model {
  readonly stories = { first: [] as string[], second: [] as string[] };
  readonly #queues = { first: [] as string[], second: [] as string[] };
  /** In the order in which they were made. */
  #links: (readonly ['first' | 'second', 'subject' | 'other'])[] = [];
  #firstEnds: 'no' | 'soon' | 'yes' = 'no';

  take(step: Step): void {
    if (step === 'turn') this.run();
    else if (step === 'first ends' && this.#firstEnds === 'no') this.#firstEnds = 'soon';
    else if (step === 'subject says something') this.#tell('first', 'word');
    else if (step === 'subject ends') this.#lose((of) => of === 'subject');
    else if (step === 'connection is lost') this.#lose(() => true);
    else if (step === 'second links subject') this.#link('second', 'subject');
    else if (step === 'first links other') this.#link('first', 'other');
    else if (step.startsWith('first links')) this.#link('first', 'subject');
  }

  run(): void {
    // An end that is injected comes before all that waits.
    if (this.#firstEnds === 'soon') {
      this.#firstEnds = 'yes';
      this.#queues.first = [];
      this.#links = this.#links.filter(([who]) => who !== 'first');
    }
    for (const who of ['first', 'second'] as const)
      this.stories[who].push(...this.#queues[who].splice(0));
  }

  #link(who: 'first' | 'second', of: 'subject' | 'other'): void {
    if (who === 'first' && this.#firstEnds === 'yes') return;
    if (!this.#links.some((link) => link[0] === who && link[1] === of)) this.#links.push([who, of]);
  }

  #lose(lost: (of: 'subject' | 'other') => boolean): void {
    const told = this.#links.filter(([, of]) => lost(of));
    this.#links = this.#links.filter(([, of]) => !lost(of));
    // All linkers of one process are told before those of the next that was linked.
    const order = [...new Set(told.map(([, of]) => of))];
    for (const of of order)
      for (const [who, to] of told) if (to === of) this.#tell(who, `exited ${of}`);
  }

  #tell(who: 'first' | 'second', what: string): void {
    if (who === 'first' && this.#firstEnds === 'yes') return;
    this.#queues[who].push(what);
  }
}

class Real {
  readonly first = new Linker('first');
  readonly second = new Linker('second');
  readonly node: SteppedNode;
  readonly #pids: { readonly first: PID<Linker>; readonly second: PID<Linker> };

  constructor() {
    const nothing = (): void => undefined;
    const transport: Transport = {
      send: nothing,
      link: nothing,
      ended: nothing,
      flush: nothing,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    this.node = new SteppedNode(transport);
    const { manager } = this.node;
    this.#pids = { first: manager.spawn(this.first), second: manager.spawn(this.second) };
    this.node.turn();
  }

  take(step: Step): void {
    const { manager, events } = this.node;
    const { first, second } = this.#pids;
    if (step === 'turn') this.node.turn();
    else if (step === 'first ends') manager.terminate(first);
    else if (step === 'subject ends') events.ended(SUBJECT, 'ended');
    else if (step === 'connection is lost') events.lost(THERE);
    else if (step === 'second links subject') manager.link(second, SUBJECT, 'reuse');
    else if (step === 'first links other') manager.link(first, OTHER, 'reuse');
    else if (step === 'first links subject') manager.link(first, SUBJECT, 'reuse');
    else if (step === 'first links it anew') manager.link(first, SUBJECT, 'reconnect');
    else this.#say();
  }

  #say(): void {
    const head = { name: 'word', from: SUBJECT, to: new UPID('first', this.node.manager.address) };
    this.node.events.deliver(Message.ofBytes(head, new Uint8Array()));
  }
}

const DEPTH = 5;

const COUNT = orderCount(STEPS.length, DEPTH);

describe(`links to another node, in all ${String(COUNT)} orders of up to ${String(DEPTH)} steps`, () => {
  test.each(STEPS)('are told of as a model says if the first is: %s [P7, P8]', (first) => {
    let orders = 0;
    for (const steps of ordersFrom(first, STEPS, DEPTH)) {
      orders += 1;
      const [real, model] = [new Real(), new Model()];
      for (const step of steps) {
        model.take(step);
        real.take(step);
      }
      model.run();
      real.node.turn();
      const is = { first: real.first.story, second: real.second.story };
      if (JSON.stringify(is) !== JSON.stringify(model.stories))
        expect({ steps, ...is }).toEqual({ steps, ...model.stories });
    }
    expect(orders).toBe(COUNT / STEPS.length);
  });
});
