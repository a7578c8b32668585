import { codeOf } from '../system-errors.ts';

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
