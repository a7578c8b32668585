import type { ProcessManager } from '../../libprocess/process-manager.ts';
import type { Cluster } from '../../testing/cluster.ts';

const OK = 200;

/** The node is not ready, or not what it was taken for. */
export class UnansweredError extends Error {
  readonly code = 'UNANSWERED';
}

/** What an endpoint of a node answers; without a network. */
export async function ask<T>(cluster: Cluster, node: ProcessManager, path: string): Promise<T> {
  const request = { method: 'GET', path, query: {}, headers: {}, body: new Uint8Array() };
  const answer = node.http({ ...request, remoteAddress: '10.0.0.99:1' });
  const { body, status } = await cluster.sim.complete(answer);
  if (status !== OK) throw new UnansweredError(`'${path}' is answered with ${String(status)}`);
  if (!(body instanceof Uint8Array)) throw new UnansweredError(`'${path}' is answered at once`);
  return JSON.parse(new TextDecoder().decode(body)) as T; // As our own endpoint prints it.
}
