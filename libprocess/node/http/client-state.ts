import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request } from '../../http/http.ts';
import type { Body } from './body.ts';

/** One request between its arrival and its answer. */
export interface Exchange {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  /** Undefined if its target is none. */
  readonly head: Request | undefined;
  body: Body | undefined;
}

/** What is known of one client connection. */
export class ClientState {
  /** Requests whose bodies are not all here, oldest first: they are handled in order. */
  readonly arriving: Exchange[] = [];
  unanswered = 0;
  /** Carried a libprocess message: such a connection may be silent for ever. */
  carriesMessages = false;
  activeAtMs = performance.now();
  /** Its last answer is on its way: what it still sends is not acted upon (RFC 9112, 9.6). */
  deaf = false;
  /** The last request that has come, whose body may be what is malformed. */
  #latest: Exchange | undefined;
  #afterAnswers: (() => void) | undefined;

  arrived(exchange: Exchange): void {
    this.activeAtMs = performance.now();
    this.unanswered += 1;
    this.#latest = exchange;
  }

  answered(): void {
    this.unanswered -= 1;
    this.activeAtMs = performance.now();
    if (this.#earlier > 0) return;
    const next = this.#afterAnswers;
    this.#afterAnswers = undefined;
    next?.();
  }

  /**
   * Goes on once all that came before is answered: the client takes answers in the order of its requests.
   * The first that waits is the last thing to happen.
   */
  afterAnswers(next: () => void): void {
    if (this.#earlier === 0) next();
    else this.#afterAnswers ??= next;
  }

  /** No request after the one that gets the last answer is handled, not even one that is here. */
  hearNoMore(): void {
    this.deaf = true;
    for (const { body } of this.arriving.splice(0)) {
      if (body?.kind === 'streams') body.reader.close();
    }
  }

  /** Requests that have come whole and wait for their answers. */
  get #earlier(): number {
    const latest = this.#latest;
    const incomplete = latest && !latest.message.complete && !latest.response.closed;
    return this.unanswered - (incomplete ? 1 : 0);
  }
}
