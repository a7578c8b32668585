import { setTimeout as wait } from 'node:timers/promises';
import { connect } from 'node:net';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  call,
  Process,
  protocol,
  RemoteProcess,
  shape,
  SILENT_LOGGER,
  startNode,
  UPID,
  type ProcessManager,
} from '../../libprocess/index.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';

/** What the peers of the node under test do, each as an operating-system process of its own. */
export type Role = 'healthy' | 'flooding' | 'slow' | 'deaf' | 'dying';

export const CALCULATOR = protocol('calculator', {
  add: call(shape.object({ a: shape.number, b: shape.number }), shape.number),
});

/** Names of processes, the same on every peer, and of messages. */
export const NAMES = {
  calculator: 'calculator',
  reader: 'reader',
  sink: 'sink',
  chunk: 'soak.Chunk',
} as const;

/** Every so often the flood is more than the node takes in at once. */
const FLOOD = { bytes: 1_024, messages: 500, everyMs: 20, burst: 40_000, burstEveryMs: 5_000 };
const SLOW_READ_MS = 100;
const REQUEST_EVERY_MS = 10;
/** A client that never finishes its request gives up after this. */
const UNFINISHED_MS = 3_000;

class CalculatorProcess extends RemoteProcess {
  constructor() {
    super(NAMES.calculator);
    this.serve(CALCULATOR, { add: ({ a, b }) => a + b });
  }
}

/** Takes chunks; a slow one blocks its whole node for each. */
class ReaderProcess extends Process {
  constructor(slow: boolean) {
    super(NAMES.reader);
    const cell = new Int32Array(new SharedArrayBuffer(4));
    this.installRaw(NAMES.chunk, () => {
      if (slow) Atomics.wait(cell, 0, 0, SLOW_READ_MS);
    });
  }
}

class FloodProcess extends Process {
  readonly #to: UPID;
  readonly #body = new Uint8Array(FLOOD.bytes);

  constructor(address: string) {
    super('flood');
    this.#to = new UPID(NAMES.sink, address);
  }

  protected override initialize(): void {
    this.link(this.#to);
    this.#steady();
    this.#burst();
  }

  protected override exited(): void {
    this.delay(1_000, () => {
      this.link(this.#to);
    });
  }

  #steady(): void {
    this.#send(FLOOD.messages);
    this.delay(FLOOD.everyMs, () => {
      this.#steady();
    });
  }

  #burst(): void {
    this.#send(FLOOD.burst);
    this.delay(FLOOD.burstEveryMs, () => {
      this.#burst();
    });
  }

  #send(count: number): void {
    for (let sent = 0; sent < count; sent += 1) this.post(this.#to, NAMES.chunk, this.#body);
  }
}

/** Starts one; `port` is that of a former one whose place it takes. */
export async function startPeer(
  role: Role,
  { target, port = 0 }: { readonly target: string; readonly port?: number },
): Promise<{ readonly child: ChildProcess; readonly address: string }> {
  const child = fork(fileURLToPath(import.meta.url), [SERVE, role, target, String(port)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ address }] = (await once(child, 'message')) as [{ address: string }];
  return { child, address };
}

const SERVE = '--serve';

/** This file is also what the other processes run. */
if (process.argv[2] === SERVE) {
  const [role = '', target = '', port = '0'] = process.argv.slice(3);
  process.once('disconnect', () => {
    process.exit(0);
  });
  const runtime = nodeRuntime({ logger: SILENT_LOGGER });
  const node = await startNode({ runtime, port: Number(port) });
  spawnFor(role, node, target);
  process.send?.({ address: node.address });
  if (role === 'healthy') void Promise.all([request(target), requestWithoutEnd(target)]);
}

function spawnFor(role: string, node: ProcessManager, target: string): void {
  node.spawn(new CalculatorProcess());
  node.spawn(new ReaderProcess(role === 'slow'));
  if (role === 'flooding') node.spawn(new FloodProcess(target));
}

async function request(target: string): Promise<never> {
  for (;;) {
    const response = await fetch(`http://${target}/http`, {
      method: 'POST',
      body: 'x'.repeat(8_192),
    });
    await response.text();
    await wait(REQUEST_EVERY_MS);
  }
}

async function requestWithoutEnd(target: string): Promise<never> {
  for (;;) {
    const [host, port] = target.split(':');
    const socket = connect({ host, port: Number(port) });
    socket.on('error', () => undefined);
    socket.write('POST /http HTTP/1.1\r\nContent-Length: 1000000\r\n\r\nbegun');
    await wait(UNFINISHED_MS);
    socket.destroy();
  }
}
