import { Future } from '../future.ts';
import { ProfilerError, type Profiler } from '../observe/profiler.ts';

const CPU_PROFILE = { nodes: [], startTime: 0, endTime: 0, samples: [], timeDeltas: [] };
const HEAP_PROFILE = { head: { callFrame: { functionName: '(root)' }, selfSize: 0, children: [] } };

/** Profiles with nothing in them: virtual time is spent on nothing. */
export class SimProfiler implements Profiler {
  readonly #recording = new Set<object>();

  startCpu(): Future<void> {
    return this.#start(CPU_PROFILE);
  }

  stopCpu(): Future<Uint8Array> {
    return this.#stop(CPU_PROFILE);
  }

  startHeap(): Future<void> {
    return this.#start(HEAP_PROFILE);
  }

  stopHeap(): Future<Uint8Array> {
    return this.#stop(HEAP_PROFILE);
  }

  heapStatistics(): Readonly<Record<string, number>> {
    return { total_heap_size: 0, used_heap_size: 0 };
  }

  #start(profile: object): Future<void> {
    if (this.#recording.has(profile)) {
      return Future.failed(
        new ProfilerError('ALREADY_RUNNING', 'Failed to start: it records already'),
      );
    }
    this.#recording.add(profile);
    return Future.ready();
  }

  #stop(profile: object): Future<Uint8Array> {
    if (!this.#recording.delete(profile)) {
      return Future.failed(new ProfilerError('NOT_RUNNING', 'Failed to stop: nothing records'));
    }
    return Future.ready<Uint8Array>(Buffer.from(JSON.stringify(profile)));
  }
}
