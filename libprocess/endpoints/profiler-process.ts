import type { Millis } from '../clock.ts';
import type { Future } from '../future.ts';
import type { Response } from '../http/http.ts';
import { badRequest, text } from '../http/responses.ts';
import { Process } from '../process.ts';
import { READWRITE_REALM } from '../http/access/http-access.ts';

const DISABLED =
  'The profiler is not enabled. To enable the profiler, libprocess must be started with ' +
  'LIBPROCESS_ENABLE_PROFILER=1 in the environment.\n';
/** A profile grows while it is taken: one that nobody stops is dropped after this. */
const PROFILE_MS_MAX: Millis = 600_000;

/** `/profiler/start` and `/profiler/stop`: what the CPU is busy with, for any browser's tools (profiler.cpp). */
export class ProfilerProcess extends Process {
  readonly #enabled: boolean;
  #running: Disposable | undefined;

  constructor(enabled: boolean) {
    super('profiler');
    this.#enabled = enabled;
    this.route('/start', () => this.#start(), {
      realm: READWRITE_REALM,
      help: {
        summary: 'Starts profiling.',
        description: ['One that is not stopped within ten minutes is dropped.'],
        authentication: true,
      },
    });
    this.route('/stop', () => this.#stop(), {
      realm: READWRITE_REALM,
      help: {
        summary: 'Stops profiling.',
        description: ['The answer is the profile, a file in the form of `.cpuprofile`.'],
        authentication: true,
      },
    });
  }

  protected override finalize(): void {
    if (this.#running) this.#drop();
  }

  #start(): Response | Future<Response> {
    if (!this.#enabled) return badRequest(DISABLED);
    if (this.#running) return badRequest('Profiler already started.\n');
    const running = this.delay(PROFILE_MS_MAX, () => {
      this.#drop();
    });
    this.#running = running;
    return this.runtime.profiler
      .startCpu()
      .then(() => text(200, 'Profiler started.\n'))
      .onFailed(
        this.defer(() => {
          running[Symbol.dispose]();
          if (this.#running === running) this.#running = undefined;
        }),
      );
  }

  #stop(): Response | Future<Response> {
    if (!this.#running) return badRequest('Profiler not running.\n');
    this.#running[Symbol.dispose]();
    this.#running = undefined;
    return this.runtime.profiler.stopCpu().then((body) => ({
      status: 200,
      headers: {
        'content-type': 'application/octet-stream',
        'content-disposition': 'attachment; filename=libprocess.cpuprofile',
      },
      body,
    }));
  }

  #drop(): void {
    this.#running = undefined;
    // It may have been stopped by a failure meanwhile: nothing is lost then.
    this.runtime.profiler.stopCpu().onFailed(() => undefined);
  }
}
