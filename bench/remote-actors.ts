import { ProtobufProcess, SILENT_LOGGER, startNode, type UPID } from '../libprocess/index.ts';
import type { ProcessManager } from '../libprocess/index.ts';
import { NodeNetwork } from '../libprocess/node/node-network.ts';
import { nodeRuntime } from '../libprocess/node/node-runtime.ts';
import { StatusUpdateAcknowledgementMessage as Ack } from '../proto/index.ts';

/** A small message of Mesos, about 120 bytes with its ids. */
const ACK: Ack = {
  slave_id: { value: '2d28fcd-6496-4e0b-9271-dfc72b6f53c1-S0' },
  framework_id: { value: '43531d3e-d76d-41d0-967f-00e040776d67-0001' },
  task_id: { value: 'task-1' },
  uuid: new Uint8Array(16),
};

export function openNode(): Promise<ProcessManager> {
  const network = new NodeNetwork();
  return startNode({ runtime: nodeRuntime({ network, logger: SILENT_LOGGER }) });
}

/** Answers each message with another. */
export class EchoProcess extends ProtobufProcess {
  constructor(id: string) {
    super(id);
    this.install(Ack, (from, ack) => {
      this.send(from, Ack, ack);
    });
  }
}

/** Keeps `window` messages in flight until `count` were answered. */
export class CallerProcess extends ProtobufProcess {
  readonly #to: UPID;
  readonly #count: number;
  readonly #done: () => void;
  #unsent: number;
  #answered = 0;
  /** When the first went off, and each answer came, if they are wanted. */
  readonly times: Float64Array | undefined;

  constructor(id: string, options: { to: UPID; count: number; timed?: boolean; done: () => void }) {
    super(id);
    this.#to = options.to;
    this.#count = this.#unsent = options.count;
    this.#done = options.done;
    this.times = options.timed ? new Float64Array(options.count + 1) : undefined;
    this.install(Ack, () => {
      this.#answer();
    });
  }

  go(window: number): void {
    if (this.times) this.times[0] = performance.now();
    for (let sent = 0; sent < window; sent += 1) this.#call();
  }

  #call(): void {
    if (this.#unsent === 0) return;
    this.#unsent -= 1;
    this.send(this.#to, Ack, ACK);
  }

  #answer(): void {
    this.#answered += 1;
    if (this.times) this.times[this.#answered] = performance.now();
    if (this.#answered === this.#count) this.#done();
    else this.#call();
  }
}
