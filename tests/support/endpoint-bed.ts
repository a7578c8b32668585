import type { Future } from '../../libprocess/future.ts';
import type { Request } from '../../libprocess/http/http.ts';
import type { Headers } from '../../libprocess/network.ts';
import { parseQuery } from '../../libprocess/http/query.ts';
import type { ProcessManager } from '../../libprocess/process-manager.ts';
import { Simulation } from '../../libprocess/sim/index.ts';
import { startNode } from '../../libprocess/start-node.ts';

export interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
}

export interface EndpointBed {
  readonly sim: Simulation;
  readonly node: ProcessManager;
  /** Asks for a path with its query; the answer is ready in some turn. */
  readonly request: (target: string, method?: string, headers?: Headers) => Future<Answer>;
  readonly get: (target: string, headers?: Headers) => Promise<Answer>;
}

/** A simulated node whose endpoints are asked from within. */
export async function endpointBed(
  environment: Readonly<Record<string, string>> = {},
  options: { readonly delegate?: string } = {},
): Promise<EndpointBed> {
  const sim = new Simulation();
  const { runtime, machine } = sim.node({ environment });
  const node = await sim.complete(startNode({ runtime, ip: machine.ip, ...options }));
  await sim.settle();
  const request = (target: string, method = 'GET', headers: Headers = {}): Future<Answer> => {
    const [path = '', search = ''] = target.split('?');
    const asked: Request = {
      method,
      path,
      query: parseQuery(search) ?? {},
      headers,
      body: new Uint8Array(0),
      remoteAddress: '10.0.0.9:1',
    };
    return node.http(asked).then(({ status, headers: answered, body }) => {
      if (!(body instanceof Uint8Array)) throw new Error('the answer streams');
      return { status, type: answered['content-type'], body: new TextDecoder().decode(body) };
    });
  };
  return {
    sim,
    node,
    request,
    get: (target, headers) => sim.complete(request(target, 'GET', headers)),
  };
}
