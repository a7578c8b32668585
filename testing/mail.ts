import type { Message, MessageType, ProcessManager } from '../libprocess/index.ts';
import type { Verdict } from '../libprocess/event-filters.ts';
import { Filters, type WhichWithheld } from './filters/filters.ts';
import type { Withheld } from './filters/caught.ts';

/** Which messages of a type are meant; all of them unless it says otherwise. */
export type Which<M> = Pick<WhichWithheld<M>, 'when' | 'count'>;

type Listener = (message: Message, verdict: Verdict) => void;

/**
 * The mail of a simulated cluster: what reaches its processes can be watched, and single messages be
 * lost or come late, which no fault of a connection does.
 */
export class Mail {
  readonly filters = new Filters();

  /** All that reaches `node` goes through these hands. */
  attach(node: ProcessManager): void {
    this.filters.attach(node);
  }

  /** Told of every message that comes to a process of one of the nodes, and what becomes of it. */
  listen(listener: Listener): void {
    this.filters.listen((event, verdict) => {
      if (event.kind === 'message') listener(event, verdict);
    });
  }

  /** The bodies of all messages of a type from now on, also of those withheld later. */
  watch<M>(type: MessageType<M>, when: Which<M>['when'] = () => true): readonly M[] {
    const seen: M[] = [];
    this.listen((message) => {
      if (message.name !== type.fullName) return;
      const body = message.as(type);
      if (when(body, message)) seen.push(body);
    });
    return seen;
  }

  /** Messages of a type do not arrive: they are lost, unless they are released. */
  withhold<M>(type: MessageType<M>, which: Which<M> = {}): Withheld<M> {
    return this.filters.dropMessages(type, which);
  }
}
