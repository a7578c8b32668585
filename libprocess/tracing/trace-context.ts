import type { Headers } from '../network.ts';

/** What is said of a trace on the wire, by the names of HTTP headers (W3C Trace Context, level 1). */
export interface TraceHeaders {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** A span as another process names it. */
export interface SpanReference {
  /** 32 hexadecimal digits, not all 0. */
  readonly traceId: string;
  /** 16 hexadecimal digits, not all 0. */
  readonly spanId: string;
  /** One byte; the lowest bit says that the span is recorded. */
  readonly flags: number;
  readonly tracestate?: string;
}

/** Longest `tracestate` that is read; a longer one is left out, the trace goes on without. */
export const TRACESTATE_LENGTH_MAX = 512;

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.{0,200})?$/;
const TRACESTATE = /^[\x20-\x7e\t]*$/;

/** Undefined if it is malformed: then nothing is known of a trace. */
export function parseTraceHeaders({
  traceparent,
  tracestate,
}: TraceHeaders): SpanReference | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] =
    TRACEPARENT.exec(traceparent) ?? [];
  if (version === undefined || version === 'ff' || /^0+$/.test(traceId) || /^0+$/.test(spanId)) {
    return undefined;
  }
  // Later versions may say more behind; the first says nothing else.
  if (version === '00' && more !== undefined) return undefined;
  const reference = { traceId, spanId, flags: Number.parseInt(flags, 16) };
  const known = tracestate !== undefined && tracestate.length <= TRACESTATE_LENGTH_MAX;
  return known && TRACESTATE.test(tracestate) ? { ...reference, tracestate } : reference;
}

/** What a request says of a trace, whether it makes sense or not. */
export function traceHeadersOf({ traceparent, tracestate }: Headers): TraceHeaders | undefined {
  if (traceparent === undefined) return undefined;
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
}

export function printTraceHeaders({
  traceId,
  spanId,
  flags,
  tracestate,
}: SpanReference): TraceHeaders {
  const traceparent = `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`;
  return tracestate === undefined || tracestate === ''
    ? { traceparent }
    : { traceparent, tracestate };
}
