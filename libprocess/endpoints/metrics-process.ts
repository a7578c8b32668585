import { parseDuration, type Duration } from '../duration.ts';
import { RuntimeError } from '../errors.ts';
import { Future } from '../future.ts';
import { RateLimiter } from '../futures/limiter.ts';
import type { Request, Response } from '../http/http.ts';
import { jsonDouble } from '../http/json-number.ts';
import { jsonOrJsonp } from '../http/jsonp.ts';
import { badRequest, notFound, serviceUnavailable } from '../http/responses.ts';
import { PROMETHEUS_CONTENT_TYPE, PrometheusText } from '../metrics/prometheus.ts';
import type { Reading } from '../metrics/snapshot.ts';
import { Process } from '../process.ts';
import { READONLY_REALM } from '../http/access/http-access.ts';
import { TextPieces } from './text-pieces.ts';

export interface MetricsProcessOptions {
  /**
   * Snapshots over HTTP in a time, as `<number of requests>/<interval duration>`; further ones wait.
   * Empty: as many as come. Default: `2/1secs`, as in Mesos.
   */
  readonly rateLimit?: string | undefined;
}

const RATE_LIMIT = '2/1secs';
const RATE_LIMIT_VARIABLE = 'LIBPROCESS_METRICS_SNAPSHOT_ENDPOINT_RATE_LIMIT';
/** Requests that wait for their turn; further ones are refused. */
const WAITING_MAX = 1_000;

/** The values of all metrics of its node: `/metrics/snapshot`, and `/metrics` for Prometheus. */
export class MetricsProcess extends Process {
  readonly #rateLimit: string;
  #limiter: RateLimiter | undefined;
  #waiting = 0;

  /** Throws `RuntimeError` with `INVALID_RATE_LIMIT`. */
  constructor({ rateLimit = RATE_LIMIT }: MetricsProcessOptions = {}) {
    super('metrics');
    parseRateLimit(rateLimit);
    this.#rateLimit = rateLimit;
    this.route('/snapshot', (request) => this.#snapshot(request), {
      realm: READONLY_REALM,
      help: {
        summary: 'Provides a snapshot of the current metrics.',
        description: [
          'The key is the name of a metric, and the value a double.',
          '',
          'Query parameters:',
          '>        timeout=VALUE        What is not known within it is left out: `100ms`, `2secs`.',
          '>        jsonp=VALUE          Wraps the answer in a call of this function.',
        ],
        authentication: true,
      },
    });
    this.route('/', (request) => this.#prometheus(request), {
      realm: READONLY_REALM,
      help: {
        summary: 'The current metrics in the text format of Prometheus.',
        description: ['>        timeout=VALUE        What is not known within it is left out.'],
        authentication: true,
      },
    });
  }

  protected override initialize(): void {
    const rate = parseRateLimit(this.#rateLimit);
    this.#limiter = rate && new RateLimiter({ clock: this.runtime.clock, ...rate });
  }

  protected override finalize(): void {
    this.#limiter?.[Symbol.dispose]();
  }

  #snapshot(request: Request): Response | PromiseLike<Response> {
    const body = new TextPieces('{');
    let separator = '';
    const take = ({ key, value }: Reading): void => {
      body.add(`${separator}${JSON.stringify(key)}:${jsonDouble(value)}`);
      separator = ',';
    };
    return this.#answer(request, take, () => jsonOrJsonp(request, body.end('}')));
  }

  #prometheus(request: Request): Response | PromiseLike<Response> {
    if (request.path.replace(/\/$/, '') !== `/${this.id}`) return notFound();
    const body = new TextPieces();
    const text = new PrometheusText();
    const take = (reading: Reading): void => {
      body.add(text.lines(reading));
    };
    return this.#answer(request, take, () => ({
      status: 200,
      headers: { 'content-type': PROMETHEUS_CONTENT_TYPE },
      body: body.end(),
    }));
  }

  #answer(
    { query }: Request,
    take: (reading: Reading) => void,
    respond: () => Response,
  ): Response | PromiseLike<Response> {
    const options: { timeout?: Duration } = {};
    const asked = query['timeout'];
    if (asked !== undefined) {
      const parsed = parseDuration(asked);
      if (!parsed.ok) return badRequest(`Invalid timeout '${asked}': ${parsed.error}.\n`);
      options.timeout = parsed.value;
    }
    if (this.#waiting >= WAITING_MAX) return serviceUnavailable();
    return this.#permit()
      .then(() => this.node.metrics.read(take, options))
      .then(respond);
  }

  #permit(): Future<void> {
    this.#waiting += 1;
    return (this.#limiter?.acquire() ?? Future.ready()).onSettled(() => {
      this.#waiting -= 1;
    });
  }
}

/** Undefined: no limit. */
function parseRateLimit(text: string): { permits: number; periodMs: number } | undefined {
  if (text === '') return undefined;
  const [requests = '', interval = '', ...more] = text.split('/');
  const permits = Number(requests);
  const period = parseDuration(interval);
  if (more.length === 0 && /^\d+$/.test(requests) && permits > 0 && period.ok && period.value > 0) {
    return { permits, periodMs: period.value };
  }
  const form = 'format is <number of requests>/<interval duration>, for example 2/1secs';
  throw new RuntimeError(
    'INVALID_RATE_LIMIT',
    `${RATE_LIMIT_VARIABLE}: Failed to parse the rate limit of metrics '${text}' (${form})`,
  );
}
