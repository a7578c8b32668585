import type { Logger } from '../../logger.ts';
import { codeOf } from '../system-errors.ts';

/** How often the same peer is told of for the same reason, and of how many that is known. */
const REPEATED_AFTER_MS = 60_000;
const REMEMBERED_MAX = 1_000;

/** Warnings about connections that could not be secured. Whoever dials in a loop is told once a minute. */
export class HandshakeLog {
  readonly #logger: Logger;
  readonly #toldAtMs = new Map<string, number>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  warn(message: string, fields: { readonly peer: string; readonly reason: string }): void {
    const key = `${fields.peer} ${fields.reason}`;
    const now = performance.now();
    const toldAtMs = this.#toldAtMs.get(key);
    if (toldAtMs !== undefined && now - toldAtMs < REPEATED_AFTER_MS) return;
    this.#toldAtMs.delete(key);
    this.#toldAtMs.set(key, now);
    const [oldest] = this.#toldAtMs.keys();
    if (this.#toldAtMs.size > REMEMBERED_MAX && oldest !== undefined) this.#toldAtMs.delete(oldest);
    this.#logger.warn(message, fields);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ERR_SSL_HTTP_REQUEST: 'it speaks no TLS, and LIBPROCESS_SSL_SUPPORT_DOWNGRADE is off',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it speaks no TLS, and LIBPROCESS_SSL_SUPPORT_DOWNGRADE is off',
  ECONNRESET: 'it cut the connection: it may not accept our certificate, or speak no TLS',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'no version of TLS is enabled on both sides',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'no version of TLS is enabled on both sides',
  ERR_SSL_NO_SHARED_CIPHER: 'no cipher is enabled on both sides',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'no cipher is enabled on both sides',
  ERR_SSL_SSL_TLS_ALERT_HANDSHAKE_FAILURE: 'no cipher is enabled on both sides',
};

/** Why a handshake failed, in the words of who configures it. */
export function explainHandshake(error: unknown): string {
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  return REASONS[code] ?? text;
}
