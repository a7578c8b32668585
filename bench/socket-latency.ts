import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { ProtobufProcess, tell, type UPID } from '../libprocess/index.ts';
import { localNode, Token } from './local-actors.ts';
import type { Result } from './result.ts';

export const name = 'local/socket-latency';

const PROBES = 500;
const PAUSE_MS = 2;

/** Sends every token back, for as long as the node lives. */
class RestlessProcess extends ProtobufProcess {
  constructor(id: string) {
    super(id);
    this.install(Token, (from, token) => {
      this.send(from, Token, token);
    });
  }

  serve(to: UPID): void {
    this.send(to, Token, { hops: 0 });
  }
}

/** Round trips of a byte through a socket of this process, idle and with mailboxes that never empty. */
export async function run(): Promise<Result[]> {
  await using node = localNode();
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const results = [...(await probe(socket, 'idle'))];
  const [one, two] = ['one', 'two'].map((id) => node.spawn(new RestlessProcess(id)));
  if (one && two) tell(one, 'serve', two);
  results.push(...(await probe(socket, 'saturated')));
  socket.destroy();
  server.close();
  return results;
}

async function probe(socket: Socket, mailboxes: string): Promise<Result[]> {
  const times: number[] = [];
  for (let i = 0; i < PROBES; i += 1) {
    await wait(PAUSE_MS);
    const since = performance.now();
    socket.write('x');
    await once(socket, 'data');
    times.push(performance.now() - since);
  }
  times.sort((a, b) => a - b);
  const at = (part: number): number => Math.round(1_000 * (times[Math.floor(part * PROBES)] ?? 0));
  const figures = { p50: at(0.5), p99: at(0.99), max: at(1 - 1 / PROBES) };
  return Object.entries(figures).map(([metric, value]) => ({
    name,
    params: { mailboxes },
    metric,
    value,
    unit: 'us',
  }));
}
