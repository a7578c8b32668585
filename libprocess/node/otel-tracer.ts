import { createRequire } from 'node:module';
import type { SpanReference } from '../tracing/trace-context.ts';
import type { Span, SpanStart, TraceContext, Tracer } from '../tracing/tracer.ts';

/** Where version 1 of the API keeps what an SDK registers. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');
const INSTRUMENTATION = 'mesos-ts/libprocess';
/** SpanKind and SpanStatusCode of the API. */
const KINDS = { internal: 0, server: 1, consumer: 4 } as const;
const STATUS_ERROR = 2;

/** What is used of `@opentelemetry/api` 1.x, which is no dependency: programs that trace have it. */
interface Api {
  readonly ROOT_CONTEXT: TraceContext;
  readonly context: {
    active(): TraceContext;
    with(context: TraceContext, thunk: () => void): void;
  };
  readonly trace: {
    getTracer(name: string): {
      startSpan(name: string, options: object, context: TraceContext): ApiSpan;
    };
    getSpanContext(context: TraceContext): ApiSpanContext | undefined;
    setSpan(context: TraceContext, span: ApiSpan): TraceContext;
    setSpanContext(context: TraceContext, span: ApiSpanContext): TraceContext;
  };
  createTraceState(text: string): TraceState;
}

interface TraceState {
  serialize(): string;
}

interface ApiSpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly isRemote?: boolean;
  readonly traceState?: TraceState;
}

interface ApiSpan {
  setAttribute(name: string, value: string | number): unknown;
  setStatus(status: { readonly code: number }): unknown;
  recordException(error: Error): void;
  end(): void;
}

/**
 * The tracer of `@opentelemetry/api`; undefined unless an SDK has registered its provider of traces before,
 * as `node --import` does with it.
 */
export function openTelemetryTracer(): Tracer | undefined {
  const registered: unknown = Reflect.get(globalThis, REGISTERED);
  const provides = typeof registered === 'object' && registered !== null && 'trace' in registered;
  const api = provides ? load() : undefined;
  return api && new OpenTelemetryTracer(api);
}

/** Whoever registered it has loaded it; one that cannot be found from here cannot be used. */
function load(): Api | undefined {
  try {
    return createRequire(import.meta.url)('@opentelemetry/api') as Api;
  } catch {
    return undefined;
  }
}

class OpenTelemetryTracer implements Tracer {
  readonly #api: Api;
  readonly #tracer: ReturnType<Api['trace']['getTracer']>;

  constructor(api: Api) {
    this.#api = api;
    this.#tracer = api.trace.getTracer(INSTRUMENTATION);
  }

  active(): TraceContext | undefined {
    const context = this.#api.context.active();
    return this.#api.trace.getSpanContext(context) ? context : undefined;
  }

  run(context: TraceContext | undefined, thunk: () => void): void {
    this.#api.context.with(context ?? this.#api.ROOT_CONTEXT, thunk);
  }

  begin({ name, kind, parent, attributes }: SpanStart): Span {
    const context = parent ?? this.#api.ROOT_CONTEXT;
    const span = this.#tracer.startSpan(name, { kind: KINDS[kind], attributes }, context);
    return {
      context: this.#api.trace.setSpan(context, span),
      setAttribute: (key, value) => void span.setAttribute(key, value),
      fail: (error) => {
        if (error instanceof Error) span.recordException(error);
        span.setStatus({ code: STATUS_ERROR });
      },
      end: () => {
        span.end();
      },
    };
  }

  enter({ traceId, spanId, flags, tracestate }: SpanReference): TraceContext {
    const { ROOT_CONTEXT, trace } = this.#api;
    const state =
      tracestate === undefined ? {} : { traceState: this.#api.createTraceState(tracestate) };
    const span = { traceId, spanId, traceFlags: flags, isRemote: true, ...state };
    return trace.setSpanContext(ROOT_CONTEXT, span);
  }

  referenceOf(context: TraceContext): SpanReference | undefined {
    const span = this.#api.trace.getSpanContext(context);
    if (!span) return undefined;
    const { traceId, spanId, traceFlags: flags, traceState } = span;
    const tracestate = traceState?.serialize();
    return { traceId, spanId, flags, ...(tracestate !== undefined && { tracestate }) };
  }
}
