import { Process, tell, type PID, type UPID } from '../../libprocess/index.ts';
import { bestSeconds, localNode } from '../local-actors.ts';
import type { Result } from '../result.ts';
import { besideCpp, rounded } from './cpp.ts';

export const name = 'libprocess/ThroughputPerformance';

/** Of all pairs together. */
const PINGS = 15_000_000;
const PAIRS = 8;
const IN_FLIGHT = 1_000;
const BODY = new Uint8Array(0);
const ROUNDS = 2;
const CPP_PINGS_PER_SECOND = 7_800_000;

class DestinationProcess extends Process {
  constructor(id: string) {
    super(id);
    this.installRaw('ping', (from, body) => {
      this.post(from, 'pong', body);
    });
  }
}

class ClientProcess extends Process {
  readonly #to: UPID;
  #unsent = 0;
  #unanswered = 0;
  #done: () => void = () => undefined;

  constructor(id: string, to: UPID) {
    super(id);
    this.#to = to;
    this.installRaw('pong', () => {
      this.#unanswered -= 1;
      if (this.#unsent > 0) this.#ping();
      else if (this.#unanswered === 0) this.#done();
    });
  }

  run(pings: number, done: () => void): void {
    this.#done = done;
    this.#unsent = this.#unanswered = pings;
    for (let sent = 0; sent < IN_FLIGHT; sent += 1) this.#ping();
  }

  #ping(): void {
    this.#unsent -= 1;
    this.post(this.#to, 'ping', BODY);
  }
}

/** Pairs of actors that have nothing to do with one another, each with a window of empty messages. */
export async function run(): Promise<Result[]> {
  await using node = localNode();
  const clients = Array.from({ length: PAIRS }, (_, i) => {
    const destination = node.spawn(new DestinationProcess(`destination(${i})`));
    return node.spawn(new ClientProcess(`client(${i})`, destination));
  });
  const seconds = await bestSeconds(async () => {
    await Promise.all(clients.map((client) => answered(client)));
  }, ROUNDS);
  const params = { pings: PINGS, pairs: PAIRS, in_flight: IN_FLIGHT };
  const value = rounded(PINGS / seconds);
  return besideCpp(
    { name, params, metric: 'throughput', value, unit: 'pings/s' },
    CPP_PINGS_PER_SECOND,
  );
}

function answered(client: PID<ClientProcess>): Promise<void> {
  return new Promise((resolve) => {
    tell(client, 'run', PINGS / PAIRS, resolve);
  });
}
