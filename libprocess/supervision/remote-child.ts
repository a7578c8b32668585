import type { Duration } from '../duration.ts';
import { RuntimeError } from '../errors.ts';
import type { ExitReason } from '../event.ts';
import { RemoteProcess } from '../remote/remote-process.ts';
import { CAST, encodeCall } from '../remote/wire.ts';
import { UPID } from '../upid.ts';
import { CHILD, NURSERY } from './nursery-protocol.ts';

/** What to start where. */
export interface RemoteChildOptions {
  readonly nursery: UPID;
  /** Names what the nursery is to make. */
  readonly make: string;
  /** What is given to it: values that can be sent. */
  readonly args?: unknown;
  /**
   * How long the node may be out of reach, or the nursery not there, before the start has failed; it is
   * tried again each second. Default: 30 s.
   */
  readonly patience?: Duration;
  /** Hears the UPID of each process that was started. */
  started?(upid: UPID): void;
}

const PATIENCE: Duration = '30s';
const RETRY: Duration = '1s';

/** Why a `RemoteChild` has failed. */
export class RemoteChildError extends RuntimeError {}

/**
 * Stands in the tree of a supervisor for a process of another node, which a `Nursery` there starts. It
 * ends when that process ends, and fails when that fails or cannot be reached any more, so that all
 * rules for children hold for the far one. When it ends, the far process does: at once, or, where the
 * connection is lost, when its node finds that out. Its nursery never has two for one child.
 *
 * ```
 *   initialize ──► starting ── started ──► running ── ended ──► ended
 *                   │    ▲                    │ failed, or lost
 *          out of reach  │ after 1 s          ▼
 *                   └────┘ ── patience ──► failed
 * ```
 */
export class RemoteChild extends RemoteProcess {
  readonly #options: RemoteChildOptions;
  #upid: UPID | undefined;
  #stopping = false;

  constructor(id: string, options: RemoteChildOptions) {
    super(id);
    this.#options = options;
    this.serve(CHILD, {
      started: (text, from) => {
        if (from.equals(options.nursery)) this.#started(text);
      },
      refused: (why, from) => {
        if (from.equals(options.nursery))
          throw this.#error('REFUSED', `start '${options.make}': ${why}`);
      },
      ended: ({ reason, why }, from) => {
        if (from.equals(options.nursery)) this.#ended(reason, why);
      },
    });
  }

  protected override initialize(): void {
    const { make, nursery, patience = PATIENCE } = this.#options;
    this.delay(patience, () => {
      if (!this.#upid)
        throw this.#error('NOT_STARTED', `start '${make}' at ${nursery.toString()} in ${patience}`);
    });
    this.#ask();
  }

  /** Ends when the far process has handled what waits in its mailbox. For the supervisor. */
  stop(): void {
    this.#stopping = true;
    if (this.#upid) this.#cast('stop', undefined);
    else this.node.terminate(this.self);
  }

  protected override exited(_upid: UPID, reason: ExitReason): void {
    if (this.#upid) this.#ended('lost', `its nursery is ${reason}`);
    else
      this.delay(RETRY, () => {
        this.#ask();
      });
  }

  #ask(): void {
    const { nursery, make, args } = this.#options;
    this.link(nursery);
    this.#cast('start', { make, args });
  }

  #started(text: string): void {
    const upid = UPID.parse(text);
    if (!upid) return;
    this.#upid = upid;
    this.#options.started?.(upid);
  }

  #ended(reason: string, why: string): void {
    if (!this.#upid) return; // Of a predecessor: this one has not started yet.
    if (this.#stopping || reason === 'ended') this.node.terminate(this.self);
    else
      throw this.#error(
        reason === 'failed' ? 'FAILED' : 'LOST',
        `keep ${this.#upid.toString()}: ${why}`,
      );
  }

  #error(code: string, what: string): RemoteChildError {
    return new RemoteChildError(code, `Child '${this.id}' failed to ${what}`);
  }

  #cast(method: keyof typeof NURSERY.methods, args: unknown): void {
    const call = { id: undefined, method: `${NURSERY.name}.${method}`, args };
    this.post(this.#options.nursery, CAST, encodeCall(call));
  }
}
