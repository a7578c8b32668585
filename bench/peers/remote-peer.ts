/** A way between two operating-system processes, made to do what ours does. */
export interface RemotePeer {
  /** With its version. */
  readonly name: string;
  /** In the other process: answers whatever comes with the same. Where it can be reached. */
  serve(): Promise<string>;
  connect(address: string): Promise<RemoteClient>;
}

export interface RemoteClient extends AsyncDisposable {
  /** Sends `count` messages, `inFlight` of them unanswered at any time; `answered` after each. */
  exchange(options: ExchangeOptions): Promise<void>;
}

export interface ExchangeOptions {
  readonly count: number;
  readonly inFlight: number;
  readonly answered?: (() => void) | undefined;
}

/** About what a small message of Mesos has with its ids: the body that peers send. */
export const BODY_BYTES = 112;

/**
 * Drives exchanges, one at a time, over what has only `send` and a call for each answer: tell it of
 * each.
 */
export class Exchange {
  #unsent = 0;
  #unanswered = 0;
  #answered: (() => void) | undefined;
  #done: () => void = () => undefined;
  readonly #send: () => void;

  constructor(send: () => void) {
    this.#send = send;
  }

  begin({ count, inFlight, answered }: ExchangeOptions): Promise<void> {
    this.#unsent = this.#unanswered = count;
    this.#answered = answered;
    return new Promise((resolve) => {
      this.#done = resolve;
      for (let sent = 0; sent < inFlight; sent += 1) this.#next();
    });
  }

  /** What a peer gives whoever connects: this exchange, and the way to close the connection. */
  client(close: () => Promise<void>): RemoteClient {
    return { exchange: (options) => this.begin(options), [Symbol.asyncDispose]: close };
  }

  readonly answer = (): void => {
    this.#unanswered -= 1;
    this.#answered?.();
    if (this.#unanswered === 0) this.#done();
    else this.#next();
  };

  #next(): void {
    if (this.#unsent === 0) return;
    this.#unsent -= 1;
    this.#send();
  }
}
