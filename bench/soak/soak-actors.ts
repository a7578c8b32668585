import {
  Process,
  remote,
  RemoteCallError,
  tell,
  UPID,
  type Response,
} from '../../libprocess/index.ts';
import { CALCULATOR, NAMES } from './soak-peers.ts';

/** What has happened: a soak in which nothing did proves nothing. */
export interface Tally {
  ephemerals: number;
  exits: number;
  calls: number;
  failedCalls: number;
  flooded: number;
  requests: number;
  lostPeers: number;
}

export const zeroTally = (): Tally => ({
  ephemerals: 0,
  exits: 0,
  calls: 0,
  failedCalls: 0,
  flooded: 0,
  requests: 0,
  lostPeers: 0,
});

const CHURN = { actors: 200, everyMs: 50 };
const CALL = { everyMs: 5, timeout: '1s' } as const;
const RELINK_MS = 250;

class EphemeralProcess extends Process {
  readonly #anchor: UPID;

  constructor(id: string, anchor: UPID) {
    super(id);
    this.#anchor = anchor;
  }

  protected override initialize(): void {
    this.link(this.#anchor);
  }

  end(): void {
    this.node.terminate(this.self);
  }
}

/** Spawns actors that link and are linked, and end at once. */
export class ChurnProcess extends Process {
  readonly #tally: Tally;
  #ordinal = 0;

  constructor(tally: Tally) {
    super('churn');
    this.#tally = tally;
  }

  protected override initialize(): void {
    for (let made = 0; made < CHURN.actors; made += 1) {
      const id = `ephemeral(${(this.#ordinal += 1)})`;
      const pid = this.node.spawn(new EphemeralProcess(id, this.self));
      this.link(pid);
      tell(pid, 'end');
    }
    this.#tally.ephemerals += CHURN.actors;
    this.delay(CHURN.everyMs, () => {
      this.initialize();
    });
  }

  protected override exited(): void {
    this.#tally.exits += 1;
  }
}

/** Calls a process of another node, again and again, whether it can answer or not. */
export class CallingProcess extends Process {
  readonly #to: UPID;
  readonly #tally: Tally;

  constructor(address: string, tally: Tally) {
    super((node) => node.generateId('calling'));
    this.#to = new UPID(NAMES.calculator, address);
    this.#tally = tally;
  }

  protected override initialize(): void {
    remote(this.node, CALCULATOR, this.#to)
      .add({ a: 1, b: 2 }, { timeout: CALL.timeout })
      .onReady(() => {
        this.#tally.calls += 1;
      })
      .onFailed((error) => {
        if (!(error instanceof RemoteCallError)) throw error;
        this.#tally.failedCalls += 1;
      });
    this.delay(CALL.everyMs, () => {
      this.initialize();
    });
  }
}

/** Sends more to a linked process than it may be reading, and links it again whenever it is lost. */
export class SendingProcess extends Process {
  readonly #to: UPID;
  readonly #body: Uint8Array;
  readonly #everyMs: number;
  readonly #tally: Tally;

  constructor(options: { address: string; bytes: number; everyMs: number; tally: Tally }) {
    super((node) => node.generateId('sending'));
    this.#to = new UPID(NAMES.reader, options.address);
    this.#body = new Uint8Array(options.bytes);
    this.#everyMs = options.everyMs;
    this.#tally = options.tally;
  }

  protected override initialize(): void {
    this.link(this.#to);
    this.#send();
  }

  protected override exited(): void {
    this.#tally.lostPeers += 1;
    this.delay(RELINK_MS, () => {
      this.link(this.#to);
    });
  }

  #send(): void {
    this.post(this.#to, NAMES.chunk, this.#body);
    this.delay(this.#everyMs, () => {
      this.#send();
    });
  }
}

/** Takes what the flood brings. */
export class SinkProcess extends Process {
  constructor(tally: Tally) {
    super(NAMES.sink);
    this.installRaw(NAMES.chunk, () => {
      tally.flooded += 1;
    });
  }
}

/** Answers requests with their bodies. */
export class HttpProcess extends Process {
  constructor(tally: Tally) {
    super('http');
    this.route('/', ({ body }): Response => {
      tally.requests += 1;
      return { status: 200, headers: {}, body };
    });
  }
}
