import { Session } from 'node:inspector';
import { getHeapStatistics } from 'node:v8';
import { Future, FuturePromise } from '../future.ts';
import { ProfilerError, type Profiler } from '../observe/profiler.ts';

/** One kind of profile, as the inspector protocol names it. */
interface Kind {
  readonly enable: string;
  readonly start: string;
  readonly stop: string;
}

const CPU: Kind = { enable: 'Profiler.enable', start: 'Profiler.start', stop: 'Profiler.stop' };
const HEAP: Kind = {
  enable: 'HeapProfiler.enable',
  start: 'HeapProfiler.startSampling',
  stop: 'HeapProfiler.stopSampling',
};

/** V8's own profilers, through the inspector but without its port. */
export class NodeProfiler implements Profiler {
  readonly #cpu = new Recording(CPU);
  readonly #heap = new Recording(HEAP);

  startCpu(): Future<void> {
    return this.#cpu.start();
  }

  stopCpu(): Future<Uint8Array> {
    return this.#cpu.stop();
  }

  startHeap(): Future<void> {
    return this.#heap.start();
  }

  stopHeap(): Future<Uint8Array> {
    return this.#heap.stop();
  }

  heapStatistics(): Readonly<Record<string, number>> {
    const { rss, external, arrayBuffers } = process.memoryUsage();
    const numbers = Object.entries(getHeapStatistics()).map(([name, value]) => [
      name,
      Number(value),
    ]);
    const heap = Object.fromEntries(numbers) as Record<string, number>;
    return { ...heap, rss, external, array_buffers: arrayBuffers };
  }
}

/** A session of the inspector for as long as it records. */
class Recording {
  readonly #kind: Kind;
  #session: Session | undefined;

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  start(): Future<void> {
    if (this.#session) {
      return Future.failed(
        new ProfilerError('ALREADY_RUNNING', 'Failed to start: it records already'),
      );
    }
    const session = (this.#session = new Session());
    session.connect();
    return post(session, this.#kind.enable)
      .then(() => post(session, this.#kind.start))
      .then(() => undefined)
      .onFailed(() => this.#close(session));
  }

  stop(): Future<Uint8Array> {
    const session = this.#session;
    if (!session) {
      return Future.failed(new ProfilerError('NOT_RUNNING', 'Failed to stop: nothing records'));
    }
    return post(session, this.#kind.stop)
      .then((result) => Buffer.from(JSON.stringify(profileOf(result))))
      .onAny(() => this.#close(session));
  }

  #close(session: Session): void {
    if (this.#session === session) this.#session = undefined;
    session.disconnect();
  }
}

const profileOf = (result: unknown): unknown =>
  typeof result === 'object' && result !== null && 'profile' in result ? result.profile : {};

function post(session: Session, method: string): Future<unknown> {
  const promise = new FuturePromise<unknown>();
  session.post(method, (error, result) => {
    if (error)
      promise.fail(new ProfilerError('INSPECTOR', `Failed at ${method}: ${error.message}`, error));
    else promise.set(result);
  });
  return promise.future;
}
