import type { Millis } from '../../libprocess/clock.ts';
import { ProtobufProcess } from '../../libprocess/protobuf-process.ts';
import type { UPID } from '../../libprocess/upid.ts';
import { PingSlaveMessage, PongSlaveMessage } from '../../proto/index.ts';

export interface AgentObserverOptions {
  readonly agent: UPID;
  /** Counts the observers of this master: the actor is `slave-observer(ordinal)`, as in Mesos. */
  readonly ordinal: number;
  /** How long one ping may go unanswered. Mesos default: 15 s. */
  readonly pingTimeoutMs: Millis;
  /** Unanswered pings in a row that make an agent unreachable. Mesos default: 5. */
  readonly missedPongsMax: number;
  /** Called each time the count is reached: the master passes a `defer`, to act in its own turn. */
  readonly onUnreachable: () => void;
  /** Called when an agent that was reported answers after all. */
  readonly onAnswer: () => void;
}

/**
 * Health-checks one agent on the master's behalf: pings it, counts the silences, and reports when
 * there have been too many in a row. It goes on pinging, so that a late pong can still cancel what
 * the report began. A silent agent is reported within `pingTimeoutMs * (missedPongsMax + 1)`.
 */
export class AgentObserverProcess extends ProtobufProcess {
  readonly #options: AgentObserverOptions;
  #missedPongs = 0;
  #answered = true;
  #reported = false;
  #connected = true;

  constructor(options: AgentObserverOptions) {
    super(`slave-observer(${options.ordinal})`);
    this.#options = options;
    this.install(PongSlaveMessage, () => this.#pong());
  }

  /** Whether pings tell the agent that the master sees it as connected; if not, it reregisters. */
  setConnected(connected: boolean): void {
    this.#connected = connected;
  }

  protected override initialize(): void {
    this.#ping();
  }

  #ping(): void {
    this.#answered = false;
    this.send(this.#options.agent, PingSlaveMessage, { connected: this.#connected });
    this.delay(this.#options.pingTimeoutMs, () => this.#timeout());
  }

  #pong(): void {
    this.#answered = true;
    this.#missedPongs = 0;
    if (!this.#reported) return;
    this.#reported = false;
    this.#options.onAnswer();
  }

  #timeout(): void {
    if (!this.#answered) this.#missedPongs += 1;
    if (this.#missedPongs === this.#options.missedPongsMax) {
      this.#missedPongs = 0;
      this.#reported = true;
      this.#options.onUnreachable();
    }
    this.#ping();
  }
}
