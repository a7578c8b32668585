import http, { type AgentOptions, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import { SILENT_LOGGER, type Logger } from '../../logger.ts';
import type { SslSettings } from '../../options/ssl-options.ts';
import { TlsDialer, type DialTarget } from './tls-dialer.ts';
import { TlsSetup } from './tls-setup.ts';

/** Gives HTTP requests, and upgrades, connections that are secured. */
export class DialingAgent extends http.Agent {
  readonly #dialer: TlsDialer;
  readonly #secureOnly: boolean;

  /** For programs that make requests by themselves. Fails with `CertificateError`. */
  static of(ssl: SslSettings, logger: Logger = SILENT_LOGGER): DialingAgent {
    return new DialingAgent(new TlsDialer(new TlsSetup(ssl, logger)));
  }

  constructor(
    dialer: TlsDialer,
    { secureOnly = false, ...options }: AgentOptions & Pick<DialTarget, 'secureOnly'> = {},
  ) {
    super(options);
    this.#dialer = dialer;
    this.#secureOnly = secureOnly;
  }

  override createConnection(
    { host, port }: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const target = { host: host ?? 'localhost', port: Number(port), secureOnly: this.#secureOnly };
    this.#dialer.dial(target, (error, socket) => {
      // The type asks for a stream beside an error; nobody looks at it.
      callback?.(error ?? null, socket as Duplex);
    });
  }
}
