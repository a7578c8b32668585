import { ProtobufProcess, SILENT_LOGGER, startNode, type UPID } from '../libprocess/index.ts';
import type { ProcessManager } from '../libprocess/index.ts';
import { NodeNetwork } from '../libprocess/node/node-network.ts';
import { nodeRuntime } from '../libprocess/node/node-runtime.ts';
import { StatusUpdateAcknowledgementMessage as Ack } from '../proto/index.ts';
import { Exchange, type ExchangeOptions } from './peers/remote-peer.ts';

/** A small message of Mesos, about 120 bytes with its ids. */
const ACK: Ack = {
  slave_id: { value: '2d28fcd-6496-4e0b-9271-dfc72b6f53c1-S0' },
  framework_id: { value: '43531d3e-d76d-41d0-967f-00e040776d67-0001' },
  task_id: { value: 'task-1' },
  uuid: new Uint8Array(16),
};

/** A secure one takes its certificate from `LIBPROCESS_SSL_*`. */
export function openNode({ secure = false } = {}): Promise<ProcessManager> {
  const network = secure ? {} : { network: new NodeNetwork() };
  return startNode({ runtime: nodeRuntime({ ...network, logger: SILENT_LOGGER }) });
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

/** Sends messages to another process, and waits for their answers. */
export class CallerProcess extends ProtobufProcess {
  readonly #exchange: Exchange;

  constructor(id: string, to: UPID) {
    super(id);
    this.#exchange = new Exchange(() => {
      this.send(to, Ack, ACK);
    });
    this.install(Ack, this.#exchange.answer);
  }

  exchange(options: ExchangeOptions): Promise<void> {
    return this.#exchange.begin(options);
  }
}
