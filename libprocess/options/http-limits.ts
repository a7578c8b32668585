import type { Millis } from '../clock.ts';
import {
  BODY_TIMEOUT_MS,
  CONNECTIONS_MAX,
  CONNECTIONS_PER_IP_MAX,
  HEADER_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  UNREAD_TIMEOUT_MS,
} from '../http/limits.ts';
import { OptionReader, type Environment } from './option-reader.ts';

/** How many may come to the port of a node, and how long they may take. Links, and streams that are read, may take for ever. */
export interface HttpLimits {
  /** For the header of a request; then 408. */
  readonly headerTimeoutMs: Millis;
  /** For the body of a request; then the connection is closed. */
  readonly bodyTimeoutMs: Millis;
  /** For nothing at all, between requests. A connection that has carried a libprocess message is kept. */
  readonly idleTimeoutMs: Millis;
  /** For reading nothing of an answer; then the connection is closed, and counted. */
  readonly unreadTimeoutMs: Millis;
  /** Connections, links too, from one IPv4 address or one IPv6 network of 64 bits; further ones are closed at once, and counted. */
  readonly connectionsPerIpMax: number;
}

export function httpLimits(settings: Partial<HttpLimits> = {}): HttpLimits {
  return {
    headerTimeoutMs: HEADER_TIMEOUT_MS,
    bodyTimeoutMs: BODY_TIMEOUT_MS,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    unreadTimeoutMs: UNREAD_TIMEOUT_MS,
    connectionsPerIpMax: CONNECTIONS_PER_IP_MAX,
    ...settings,
  };
}

/** Reads `LIBPROCESS_HTTP_HEADER_TIMEOUT` and its like. Fails with `OptionError`. */
export function readHttpLimits(environment: Environment): HttpLimits {
  const read = new OptionReader(environment, 'LIBPROCESS_HTTP_');
  return {
    headerTimeoutMs: read.span('header_timeout') ?? HEADER_TIMEOUT_MS,
    bodyTimeoutMs: read.span('body_timeout') ?? BODY_TIMEOUT_MS,
    idleTimeoutMs: read.span('idle_timeout') ?? IDLE_TIMEOUT_MS,
    unreadTimeoutMs: read.span('unread_timeout') ?? UNREAD_TIMEOUT_MS,
    connectionsPerIpMax:
      read.integer('connections_per_ip', 1, CONNECTIONS_MAX) ?? CONNECTIONS_PER_IP_MAX,
  };
}
