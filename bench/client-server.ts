import { Process, tell, type PID, type UPID } from '../libprocess/index.ts';
import { bestSeconds, localNode } from './local-actors.ts';
import type { Result } from './result.ts';

export const name = 'local/client-server';

const CLIENTS = 8;
const REQUESTS = 100_000;
const IN_FLIGHT = 250;
const BODY = new TextEncoder().encode('hi!');

class ServerProcess extends Process {
  readonly #known = new Set<UPID>();

  constructor() {
    super('server');
    this.installRaw('ping', (from, body) => {
      if (!this.#known.has(from)) {
        this.#known.add(from);
        this.link(from);
      }
      this.post(from, 'pong', body);
    });
  }
}

class ClientProcess extends Process {
  readonly #server: UPID;
  #unsent = 0;
  #unanswered = 0;
  #done: () => void = () => undefined;

  constructor(id: string, server: UPID) {
    super(id);
    this.#server = server;
    this.installRaw('pong', () => {
      this.#unanswered -= 1;
      if (this.#unsent > 0) this.#ping();
      else if (this.#unanswered === 0) this.#done();
    });
  }

  go(done: () => void): void {
    this.#done = done;
    this.#unsent = this.#unanswered = REQUESTS;
    for (let sent = 0; sent < IN_FLIGHT; sent += 1) this.#ping();
  }

  #ping(): void {
    this.#unsent -= 1;
    this.post(this.#server, 'ping', BODY);
  }
}

/** The shape of libprocess's own `ClientServer`: raw messages, a window for each client. */
export async function run(): Promise<Result[]> {
  await using node = localNode();
  const server = node.spawn(new ServerProcess());
  const clients = Array.from({ length: CLIENTS }, (_, i) =>
    node.spawn(new ClientProcess(`client(${i})`, server)),
  );
  const seconds = await bestSeconds(async () => {
    await Promise.all(clients.map((client) => answered(client)));
  });
  const value = Math.round((CLIENTS * REQUESTS) / seconds);
  const params = { clients: CLIENTS, in_flight: IN_FLIGHT, body_bytes: BODY.length };
  return [{ name, params, metric: 'throughput', value, unit: 'rpc/s' }];
}

function answered(client: PID<ClientProcess>): Promise<void> {
  return new Promise((resolve) => {
    tell(client, 'go', resolve);
  });
}
