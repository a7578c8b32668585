import type { Millis } from '../clock.ts';
import {
  BODY_TIMEOUT_MS,
  HEADER_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  UNREAD_TIMEOUT_MS,
} from '../http/limits.ts';
import { OptionReader, type Environment } from './option-reader.ts';

/** How long those may take who come to the port of a node. Links, and streams that are read, have no limit. */
export interface HttpTimeouts {
  /** For the header of a request; then 408. */
  readonly headerTimeoutMs: Millis;
  /** For the body of a request; then the connection is closed. */
  readonly bodyTimeoutMs: Millis;
  /** For nothing at all, between requests. A connection that has carried a libprocess message is kept. */
  readonly idleTimeoutMs: Millis;
  /** For reading nothing of an answer; then the connection is closed, and counted. */
  readonly unreadTimeoutMs: Millis;
}

export function httpTimeouts(settings: Partial<HttpTimeouts> = {}): HttpTimeouts {
  return {
    headerTimeoutMs: HEADER_TIMEOUT_MS,
    bodyTimeoutMs: BODY_TIMEOUT_MS,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    unreadTimeoutMs: UNREAD_TIMEOUT_MS,
    ...settings,
  };
}

/** Reads `LIBPROCESS_HTTP_HEADER_TIMEOUT` and its like. Fails with `OptionError`. */
export function readHttpTimeouts(environment: Environment): HttpTimeouts {
  const read = new OptionReader(environment, 'LIBPROCESS_HTTP_');
  return {
    headerTimeoutMs: read.span('header_timeout') ?? HEADER_TIMEOUT_MS,
    bodyTimeoutMs: read.span('body_timeout') ?? BODY_TIMEOUT_MS,
    idleTimeoutMs: read.span('idle_timeout') ?? IDLE_TIMEOUT_MS,
    unreadTimeoutMs: read.span('unread_timeout') ?? UNREAD_TIMEOUT_MS,
  };
}
