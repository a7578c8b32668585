import type { Arguments, MethodName } from '../../libprocess/dispatch.ts';
import type { MailboxEvent } from '../../libprocess/event.ts';
import type { Verdict } from '../../libprocess/event-filters.ts';
import { FuturePromise } from '../../libprocess/future.ts';
import type { Request } from '../../libprocess/http/http.ts';
import type { Message, MessageType } from '../../libprocess/message.ts';
import type { PID } from '../../libprocess/pid.ts';
import type { Process } from '../../libprocess/process.ts';
import type { ProcessManager } from '../../libprocess/process-manager.ts';
import type { UPID } from '../../libprocess/upid.ts';
import { ActorTestError } from '../assertions/actor-test-error.ts';
import type { Caught, Dropped, Unexpected, Withheld } from './caught.ts';
import { SeenEvents } from './seen-events.ts';
import {
  dispatches,
  exits,
  messages,
  namedMessages,
  requests,
  type Selector,
  type Target,
  type WhichExit,
  type WhichMessage,
  type WhichRequest,
} from './selectors.ts';

/** Decides about an event, or leaves it to older rules. */
type Rule = (event: MailboxEvent, to: PID<Process>, node: ProcessManager) => Verdict | undefined;
type Listener = (event: MailboxEvent, verdict: Verdict, to: PID<Process>) => void;

export interface WhichWithheld<M> extends WhichMessage<M> {
  /** How many at most. */
  readonly count?: number;
}

/**
 * Sees all that comes to the processes of some nodes, from near or far, before they do, and can lose
 * it: messages, calls, HTTP requests, exits. Of several filters that an event fits, the newest alone has
 * it; one that waits for a single event is gone once that has come.
 */
export class Filters implements Disposable {
  readonly #nodes = new Map<ProcessManager, Disposable>();
  #rules: readonly Rule[] = [];
  readonly #listeners = new Set<Listener>();
  readonly #seen = new SeenEvents();
  /** Is let through, for it has been judged. */
  #passing: Message | undefined;

  constructor(...nodes: readonly ProcessManager[]) {
    for (const node of nodes) this.attach(node);
  }

  /** From now on for this node, too. */
  attach(node: ProcessManager): void {
    if (this.#nodes.has(node)) return;
    const filter = node.filters.add((event, to) => {
      if (event === this.#passing) return 'deliver';
      const verdict = this.#judge(event, to, node);
      this.#seen.see(event, to, verdict);
      for (const listener of this.#listeners) listener(event, verdict, to);
      return verdict;
    });
    this.#nodes.set(node, filter);
  }

  /** Takes all filters away. */
  [Symbol.dispose](): void {
    for (const filter of this.#nodes.values()) filter[Symbol.dispose]();
    this.#nodes.clear();
  }

  /** Told of every event, and what becomes of it. Does not throw. */
  listen(listener: Listener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** The body of the next message of a type; it arrives. By name: the message with its bytes. */
  futureMessage(name: string, which?: WhichMessage<Message>): Caught<Message>;
  futureMessage<M>(type: MessageType<M>, which?: WhichMessage<M>): Caught<M>;
  futureMessage(what: string | MessageType<unknown>, which: WhichMessage<never> = {}): unknown {
    return this.#future(selectorOf(what, which), 'deliver');
  }

  /** As `futureMessage`; it does not arrive. */
  dropMessage(name: string, which?: WhichMessage<Message>): Caught<Message>;
  dropMessage<M>(type: MessageType<M>, which?: WhichMessage<M>): Caught<M>;
  dropMessage(what: string | MessageType<unknown>, which: WhichMessage<never> = {}): unknown {
    return this.#future(selectorOf(what, which), 'drop');
  }

  /** No message of a type arrives, unless it is released. */
  dropMessages(name: string, which?: WhichWithheld<Message>): Withheld<Message>;
  dropMessages<M>(type: MessageType<M>, which?: WhichWithheld<M>): Withheld<M>;
  dropMessages(what: string | MessageType<unknown>, which: WhichWithheld<never> = {}): unknown {
    return this.#withhold(selectorOf(what, which), which.count ?? Infinity);
  }

  expectNoMessages(name: string, which?: WhichMessage<Message>): Unexpected;
  expectNoMessages<M>(type: MessageType<M>, which?: WhichMessage<M>): Unexpected;
  expectNoMessages(what: string | MessageType<unknown>, which: WhichMessage<never> = {}): unknown {
    return this.#expectNone(selectorOf(what, which));
  }

  /** The arguments of the next call of a method, by `dispatch`, `tell` or `delay`. */
  futureDispatch<T extends Process, K extends MethodName<T>>(
    target: Target<T>,
    method: K,
    when?: (...args: Arguments<T, K>) => boolean,
  ): Caught<Arguments<T, K>> {
    return this.#future(dispatches(target, method, when), 'deliver');
  }

  /** As `futureDispatch`; the call is abandoned. */
  dropDispatch<T extends Process, K extends MethodName<T>>(
    target: Target<T>,
    method: K,
    when?: (...args: Arguments<T, K>) => boolean,
  ): Caught<Arguments<T, K>> {
    return this.#future(dispatches(target, method, when), 'drop');
  }

  dropDispatches<T extends Process, K extends MethodName<T>>(
    target: Target<T>,
    method: K,
    when?: (...args: Arguments<T, K>) => boolean,
  ): Dropped<Arguments<T, K>> {
    return this.#dropAll(dispatches(target, method, when));
  }

  expectNoDispatches<T extends Process, K extends MethodName<T>>(
    target: Target<T>,
    method: K,
    when?: (...args: Arguments<T, K>) => boolean,
  ): Unexpected {
    return this.#expectNone(dispatches(target, method, when));
  }

  /** The next HTTP request for a process, before it is handled. */
  futureHttpRequest(which: WhichRequest = {}): Caught<Request> {
    return this.#future(requests(which), 'deliver');
  }

  /** As `futureHttpRequest`; nobody handles it, and it is answered with 503. */
  dropHttpRequest(which: WhichRequest = {}): Caught<Request> {
    return this.#future(requests(which), 'drop');
  }

  /** The next time that a process is told of the end of another: the UPID of that one. */
  futureExited(which: WhichExit = {}): Caught<UPID> {
    return this.#future(exits(which), 'deliver');
  }

  /** As `futureExited`; it is not told, and its link is gone all the same. */
  dropExited(which: WhichExit = {}): Caught<UPID> {
    return this.#future(exits(which), 'drop');
  }

  /** Takes the newest rule that has something to say. */
  #judge(event: MailboxEvent, to: PID<Process>, node: ProcessManager): Verdict {
    for (const rule of this.#rules) {
      const verdict = rule(event, to, node);
      if (verdict) return verdict;
    }
    return 'deliver';
  }

  /** What the test's own condition throws is thrown to the test, and not to whoever sent the event. */
  #add(rule: Rule): () => void {
    let fault: { readonly error: unknown } | undefined;
    const guarded: Rule = (...event) => {
      try {
        return rule(...event);
      } catch (error) {
        fault ??= { error };
        return undefined;
      }
    };
    this.#rules = [guarded, ...this.#rules];
    return () => {
      this.#rules = this.#rules.filter((each) => each !== guarded);
      const thrown = fault;
      fault = undefined;
      if (thrown) throw thrown.error;
    };
  }

  #future<T>(selector: Selector<T>, verdict: Verdict): Caught<T> {
    const promise = new FuturePromise<T>();
    const { future } = promise;
    const seenBefore = this.#seen.count;
    const explain = (): string => `${selector.what}. ${this.#seen.since(seenBefore)}`;
    const remove = this.#add((event, to) => {
      try {
        const picked = selector.pick(event, to);
        if (!picked) return undefined;
        remove();
        promise.set(picked.value);
      } catch (error) {
        remove();
        promise.fail(error);
        return undefined;
      }
      return verdict;
    });
    return {
      future,
      explain,
      then: (onReady, onRejected) => future.then(onReady, onRejected),
      [Symbol.dispose]: () => {
        remove();
        if (future.isPending)
          promise.fail(new ActorTestError('NEVER', `There was no ${explain()}`));
      },
    };
  }

  #dropAll<T>(selector: Selector<T>): Dropped<T> {
    const all: T[] = [];
    const remove = this.#add((event, to) => {
      const picked = selector.pick(event, to);
      if (!picked) return undefined;
      all.push(picked.value);
      return 'drop';
    });
    return { all, [Symbol.dispose]: remove };
  }

  #withhold<M>(selector: Selector<M>, count: number): Withheld<M> {
    const bodies: M[] = [];
    const held: { readonly message: Message; readonly node: ProcessManager }[] = [];
    const stop = this.#add((event, to, node) => {
      if (event.kind !== 'message' || held.length >= count) return undefined;
      const picked = selector.pick(event, to);
      if (!picked) return undefined;
      bodies.push(picked.value);
      held.push({ message: event, node });
      return 'drop';
    });
    return {
      bodies,
      stop,
      [Symbol.dispose]: stop,
      release: () => {
        stop();
        for (const { message, node } of held.splice(0)) this.#letPass(message, node);
      },
    };
  }

  #letPass(message: Message, node: ProcessManager): void {
    message.arrival = undefined; // It has been counted as taken up.
    this.#passing = message;
    node.deliver(message);
    this.#passing = undefined;
  }

  #expectNone<T>(selector: Selector<T>): Unexpected {
    let came = 0;
    const remove = this.#add((event, to) => {
      const picked = selector.pick(event, to);
      if (!picked) return undefined;
      came += 1;
      return 'deliver';
    });
    const check = (): void => {
      if (came === 0) return;
      const times = came === 1 ? 'once' : `${String(came)} times`;
      throw new ActorTestError('CAME', `There was to be no ${selector.what}, and it came ${times}`);
    };
    return {
      check,
      [Symbol.dispose]: () => {
        remove();
        check();
      },
    };
  }
}

/** By a type, the body decides; by a name, the message. */
function selectorOf(
  what: string | MessageType<unknown>,
  which: WhichMessage<never>,
): Selector<unknown> {
  if (typeof what === 'string') return namedMessages(what, which as WhichMessage<Message>);
  return messages(what, which as WhichMessage<unknown>); // The overloads say that these fit.
}
