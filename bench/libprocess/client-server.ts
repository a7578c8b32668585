import { Process, tell, type PID, type UPID } from '../../libprocess/index.ts';
import { bestSeconds, localNode } from '../local-actors.ts';
import { besideCpp, rounded } from './cpp.ts';
import type { Result } from '../result.ts';

export const name = 'libprocess/ClientServer';

const CLIENTS = 8;
/** Of each client. */
const REQUESTS = 10_000;
const IN_FLIGHT = 250;
const BODY = new TextEncoder().encode('hi!');
const ROUNDS = 20;
const CPP_PER_SECOND = 1_650_000;

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

/** Raw messages to one server, which links its clients; a window for each client. */
export async function run(): Promise<Result[]> {
  await using node = localNode();
  const server = node.spawn(new ServerProcess());
  const clients = Array.from({ length: CLIENTS }, (_, i) =>
    node.spawn(new ClientProcess(`client(${i})`, server)),
  );
  const seconds = await bestSeconds(async () => {
    await Promise.all(clients.map((client) => answered(client)));
  }, ROUNDS);
  const value = rounded((CLIENTS * REQUESTS) / seconds);
  const params = { clients: CLIENTS, requests: REQUESTS, in_flight: IN_FLIGHT, bytes: BODY.length };
  return besideCpp({ name, params, metric: 'throughput', value, unit: 'rpc/s' }, CPP_PER_SECOND);
}

function answered(client: PID<ClientProcess>): Promise<void> {
  return new Promise((resolve) => {
    tell(client, 'go', resolve);
  });
}
