import type { Millis } from '../clock.ts';
import { parseDuration, printDuration } from '../duration.ts';
import type { Future } from '../future.ts';
import type { Request, Response } from '../http/http.ts';
import { badRequest, json } from '../http/responses.ts';
import { Process } from '../process.ts';
import { Timeout } from '../futures/timeout.ts';
import { READWRITE_REALM } from '../http/access/http-access.ts';
import { heapProfileText } from './heap-profile-text.ts';

const COLLECTION_MS_MIN: Millis = 1_000;
const COLLECTION_MS_DEFAULT: Millis = 300_000;
const COLLECTION_MS_MAX: Millis = 86_400_000;

const DISABLED =
  'Memory profiling is not enabled. To enable it, libprocess must be started with ' +
  'LIBPROCESS_MEMORY_PROFILING=1 in the environment.\n';
const IN_PROGRESS =
  'A profiling run is currently in progress. To download results of the previous run, please ' +
  "pass an 'id' explicitly.\n";

interface Run {
  /** Seconds since the epoch when it began. */
  readonly id: number;
  readonly timeout: Timeout;
  readonly timer: Disposable;
}

interface Profile {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/**
 * `/memory-profiler/`: samples what is allocated for a while and keeps the latest profile for download. Paths,
 * parameters and JSON are those of libprocess with jemalloc (memory_profiler.cpp); what is profiled is V8's heap.
 */
export class MemoryProfilerProcess extends Process {
  #run: Run | undefined;
  readonly #enabled: boolean;
  #profile: Profile | undefined;

  constructor(enabled: boolean) {
    super('memory-profiler');
    this.#enabled = enabled;
    const serve = (path: string, summary: string, handler: (request: Request) => Answer): void => {
      this.route(path, (request) => (this.#enabled ? handler(request) : badRequest(DISABLED)), {
        realm: READWRITE_REALM,
        help: { summary, authentication: true },
      });
    };
    serve('/start', 'Starts sampling allocations, for `duration` (default 5mins).', ({ query }) =>
      this.#start(query['duration']),
    );
    serve('/stop', 'Ends sampling, and tells where the profile is.', () => this.#stop());
    serve('/download/raw', 'The latest profile, in the form of `.heapprofile`.', ({ query }) =>
      this.#download(query['id'], (bytes) => file(bytes, 'profile.heapprofile')),
    );
    serve('/download/text', 'What the latest profile has most of, as text.', ({ query }) =>
      this.#download(query['id'], (bytes) => file(heapProfileText(bytes), 'profile.txt')),
    );
    serve('/download/graph', 'Not available: open the raw profile in a browser.', () =>
      badRequest('Cannot generate file: open the raw profile in the memory tools of a browser.\n'),
    );
    serve('/statistics', 'Sizes of the heap and of the process, in bytes.', () =>
      json(200, JSON.stringify(this.runtime.profiler.heapStatistics())),
    );
    serve('/state', 'Whether a run is in progress.', () => this.#state());
  }

  protected override finalize(): void {
    if (this.#run) this.#end(this.#run);
  }

  #start(duration: string | undefined): Answer {
    const parsed = duration === undefined ? undefined : parseDuration(duration);
    if (parsed && !parsed.ok) {
      return badRequest(`Could not parse parameter 'duration': ${parsed.error}.\n`);
    }
    const spanMs = parsed?.value ?? COLLECTION_MS_DEFAULT;
    if (spanMs < COLLECTION_MS_MIN || spanMs > COLLECTION_MS_MAX) {
      const [least, most] = [printDuration(COLLECTION_MS_MIN), printDuration(COLLECTION_MS_MAX)];
      const text = `Duration '${printDuration(spanMs)}' must be between ${least} and ${most}.\n`;
      return badRequest(text);
    }
    if (this.#run) return this.#started(this.#run, 'Heap profiling is already active.');
    const { clock, profiler } = this.runtime;
    const id = Math.floor(clock.now() / 1_000);
    const run: Run = {
      id,
      timeout: Timeout.in(clock, spanMs),
      timer: this.delay(spanMs, () => {
        this.#end(run);
      }),
    };
    this.#run = run;
    return profiler
      .startHeap()
      .then(() => this.#started(run, 'Successfully started new heap profiling run.'))
      .onFailed(
        this.defer(() => {
          run.timer[Symbol.dispose]();
          if (this.#run === run) this.#run = undefined;
        }),
      );
  }

  #started(run: Run, what: string): Response {
    const message =
      `${what} After the remaining time elapses, download the generated profile at ` +
      `'/${this.id}/download/raw?id=${run.id}'. ` +
      `Visit '/${this.id}/stop' to stop collection earlier.`;
    const remaining = String(Math.round(run.timeout.remainingMs / 1_000));
    return json(200, JSON.stringify({ id: run.id, message, remaining_seconds: remaining }));
  }

  #stop(): Answer {
    const run = this.#run;
    if (run) return this.#end(run).then((profile) => this.#stopped(profile));
    return this.#profile ? this.#stopped(this.#profile) : badRequest('No profile exists.\n');
  }

  #stopped({ id }: Profile): Response {
    const url = (name: string): string => `/${this.id}/download/${name}?id=${id}`;
    const message =
      'Successfully stopped memory profiling run. Use one of the provided URLs to download results.';
    return json(
      200,
      JSON.stringify({
        id,
        message,
        url_raw_profile: url('raw'),
        url_graph_profile: url('graph'),
        url_symbolized_profile: url('text'),
      }),
    );
  }

  #end(run: Run): Future<Profile> {
    run.timer[Symbol.dispose]();
    this.#run = undefined;
    return this.runtime.profiler
      .stopHeap()
      .then((bytes) => (this.#profile = { id: run.id, bytes }))
      .onFailed((error) => {
        this.runtime.logger.child('libprocess').warn('Failed to end a heap profile', { error });
      });
  }

  #download(id: string | undefined, make: (bytes: Uint8Array) => Response): Answer {
    const profile = this.#profile;
    if (id !== undefined && !/^\d{1,15}$/.test(id)) {
      return badRequest(`Invalid parameter 'id': Failed to convert '${id}' to number.\n`);
    }
    if (this.#run && id === undefined) return badRequest(IN_PROGRESS);
    if (!profile) return badRequest('Cannot access raw profile: No profile exists.\n');
    if (id !== undefined && Number(id) !== profile.id) {
      return badRequest(`Cannot serve requested id #${id}.\n`);
    }
    return make(profile.bytes);
  }

  #state(): Response {
    const run = this.#run;
    const latest = this.#profile?.id ?? null;
    const current = run
      ? { id: run.id, remaining_seconds: run.timeout.remainingMs / 1_000 }
      : { id: latest, ...(latest !== null && { remaining_seconds: 0 }) };
    const state = {
      memory_profiler: { jemalloc_detected: false, current_run: current },
      heap: { profiling_enabled: true, profiling_active: run !== undefined },
    };
    return json(200, JSON.stringify(state));
  }
}

type Answer = Response | Future<Response>;

const file = (body: Uint8Array, name: string): Response => ({
  status: 200,
  headers: {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename=${name}`,
  },
  body,
});
