import { RuntimeError } from '../../libprocess/errors.ts';
import type { PipeReader } from '../../libprocess/http/pipe.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { readSslOptions } from '../../libprocess/options/ssl-options.ts';
import type { Host } from './host.ts';
import { printable } from './printable.ts';

/** What a node tells of one of its processes. */
export interface ListedProcess {
  readonly id: string;
  readonly events: readonly unknown[];
  /** Events that wait; absent if the node does not count them. */
  readonly queued?: number;
  /** Since the node began to watch; absent if it does not. */
  readonly handled?: number;
  readonly busy_ms?: number;
  readonly slowest?: readonly ListedHandler[];
}

export interface ListedHandler {
  readonly name: string;
  readonly count: number;
  readonly total_ms: number;
  readonly max_ms: number;
}

export interface AskOptions {
  /** Says how connections are secured. */
  readonly env: Host['env'];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Asks a node for its processes; with `watch` it measures their handlers for as long. */
export async function listProcesses(
  address: string,
  watch: string | undefined,
  options: AskOptions,
): Promise<readonly ListedProcess[]> {
  const query = watch === undefined ? {} : { watch };
  const { status, body } = await get(address, { path: '/__processes__', query }, options);
  if (status !== 200) {
    throw new RuntimeError(
      'UNEXPECTED',
      `${address} answered /__processes__ with status ${status}`,
    );
  }
  try {
    const text = body instanceof Uint8Array ? new TextDecoder().decode(body) : '';
    const processes: unknown = JSON.parse(text);
    if (Array.isArray(processes) && processes.every(isListed)) return processes;
  } catch {
    // Told below.
  }
  throw new RuntimeError('UNEXPECTED', `${address} is no libprocess node`);
}

/** The lines of what a process hears and says from now on. */
export async function* followProcess(
  address: string,
  id: string,
  options: AskOptions,
): AsyncGenerator<string, void, undefined> {
  const { status, body } = await get(
    address,
    { path: '/__processes__/trace', query: { id } },
    options,
  );
  if (body instanceof Uint8Array) {
    const why = printable(new TextDecoder().decode(body).trim()) || `status ${status}`;
    throw new RuntimeError('REFUSED', `${address} does not show '${id}': ${why}`);
  }
  if (status !== 200)
    throw new RuntimeError('REFUSED', `${address} answered with status ${status}`);
  yield* lines(body);
}

async function* lines(body: PipeReader): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}

const get = (
  address: string,
  target: { path: string; query: Readonly<Record<string, string>> },
  options: AskOptions,
) =>
  new NodeNetwork({ ssl: readSslOptions(options.env) }).request(
    address,
    { method: 'GET', ...target, headers: {}, body: new Uint8Array(0) },
    options,
  );

function isListed(value: unknown): value is ListedProcess {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'events' in value &&
    Array.isArray(value.events)
  );
}
