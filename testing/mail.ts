import type { Message, MessageType, ProcessManager } from '../libprocess/index.ts';

/** Which messages of a type are meant; all of them unless it says otherwise. */
export interface Which<M> {
  readonly when?: (body: M, message: Message) => boolean;
  /** How many at most. */
  readonly count?: number;
}

/** Messages that did not arrive. */
export interface Withheld<M> {
  readonly bodies: readonly M[];
  /** From now on all of the type arrive. */
  stop(): void;
  /** Stops, and lets what was withheld arrive now, in its order. */
  release(): void;
}

type Rule = (message: Message, node: ProcessManager) => 'deliver' | 'drop';

/**
 * The mail of a simulated cluster: what reaches its nodes can be watched, and single messages be lost
 * or come late, which no fault of a connection does.
 */
export class Mail {
  readonly #rules = new Set<Rule>();
  readonly #late = new WeakSet<Message>();

  /** All that reaches `node` goes through these hands. */
  attach(node: ProcessManager): void {
    node.filter = (message) => {
      if (this.#late.has(message)) return 'deliver';
      for (const rule of this.#rules) if (rule(message, node) === 'drop') return 'drop';
      return 'deliver';
    };
  }

  /** The bodies of all messages of a type from now on, also of those withheld later. */
  watch<M>(type: MessageType<M>): readonly M[] {
    const seen: M[] = [];
    this.#rules.add((message) => {
      if (message.name === type.fullName) seen.push(message.as(type));
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
