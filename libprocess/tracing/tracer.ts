import type { SpanReference } from './trace-context.ts';

/** Where something stands in a trace; only its tracer looks inside. */
export interface TraceContext {
  readonly [TRACE_CONTEXT]?: never;
}
declare const TRACE_CONTEXT: unique symbol;

export interface SpanStart {
  readonly name: string;
  readonly kind: 'server' | 'consumer' | 'internal';
  /** Undefined begins a trace. */
  readonly parent: TraceContext | undefined;
  readonly attributes: Readonly<Record<string, string | number>>;
}

export interface Span {
  /** That of what happens within the span. */
  readonly context: TraceContext;
  setAttribute(name: string, value: string | number): void;
  /** It has gone wrong. */
  fail(error: unknown): void;
  end(): void;
}

/** Takes the spans of nodes to wherever they are collected. There is none unless an SDK is registered. */
export interface Tracer {
  /** The context of what runs now; undefined outside of all traces. */
  active(): TraceContext | undefined;
  /** Runs `thunk` within a context, or outside of all traces. */
  run(context: TraceContext | undefined, thunk: () => void): void;
  begin(span: SpanStart): Span;
  /** The context below a span of another process. */
  enter(span: SpanReference): TraceContext;
  /** How other processes name the span of a context; undefined if it has none. */
  referenceOf(context: TraceContext): SpanReference | undefined;
}
