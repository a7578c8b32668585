import type { Message, MessageType, ProcessManager } from '../libprocess/index.ts';

/** Which messages of a type are meant; all of them unless it says otherwise. */
export interface Which<M> {
  readonly when?: (body: M, message: Message) => boolean;
  /** How many at most. */
  readonly count?: number;
}

/** Messages that did not arrive. Disposing it stops it: `using lost = ...`. */
export interface Withheld<M> extends Disposable {
  /** Of those that did not arrive so far, oldest first. */
  readonly bodies: readonly M[];
  /** From now on all of the type arrive; what was withheld stays lost. */
  stop(): void;
  /** Stops, and lets what was withheld arrive now, in its order. */
  release(): void;
}

type Verdict = 'deliver' | 'drop';
type Rule = (message: Message, node: ProcessManager) => Verdict;
type Listener = (message: Message, verdict: Verdict) => void;

/**
 * The mail of a simulated cluster: what reaches its nodes can be watched, and single messages be lost
 * or come late, which no fault of a connection does.
 */
export class Mail {
  readonly #rules = new Set<Rule>();
  readonly #listeners = new Set<Listener>();
  readonly #late = new WeakSet<Message>();

  /** All that reaches `node` goes through these hands. */
  attach(node: ProcessManager): void {
    node.filter = (message) => {
      const verdict = this.#judge(message, node);
      for (const listener of this.#listeners) listener(message, verdict);
      return verdict;
    };
  }

  /** Told of every message that comes to one of the nodes, and what becomes of it. */
  listen(listener: Listener): void {
    this.#listeners.add(listener);
  }

  #judge(message: Message, node: ProcessManager): Verdict {
    if (this.#late.has(message)) return 'deliver';
    for (const rule of this.#rules) if (rule(message, node) === 'drop') return 'drop';
    return 'deliver';
  }

  /** The bodies of all messages of a type from now on, also of those withheld later. */
  watch<M>(type: MessageType<M>, when: Which<M>['when'] = () => true): readonly M[] {
    const seen: M[] = [];
    this.#rules.add((message) => {
      if (message.name !== type.fullName) return 'deliver';
      const body = message.as(type);
      if (when(body, message)) seen.push(body);
      return 'deliver';
    });
    return seen;
  }

  /** Messages of a type do not arrive: they are lost, unless they are released. */
  withhold<M>(type: MessageType<M>, { when, count = Infinity }: Which<M> = {}): Withheld<M> {
    const bodies: M[] = [];
    const held: { readonly message: Message; readonly node: ProcessManager }[] = [];
    const rule: Rule = (message, node) => {
      if (message.name !== type.fullName || held.length >= count) return 'deliver';
      const body = message.as(type);
      if (when && !when(body, message)) return 'deliver';
      bodies.push(body);
      held.push({ message, node });
      return 'drop';
    };
    this.#rules.add(rule);
    const stop = (): void => void this.#rules.delete(rule);
    return {
      bodies,
      stop,
      [Symbol.dispose]: stop,
      release: () => {
        stop();
        for (const { message, node } of held) {
          this.#late.add(message);
          message.arrival = undefined; // It has been counted as taken up.
          node.deliver(message);
        }
      },
    };
  }
}
