import type { ConnectionOptions } from 'node:tls';
import type { Logger } from '../../logger.ts';
import { sslOptions, type SslOptions, type SslSettings } from '../../options/ssl-options.ts';
import { RefusalLog } from '../refusal-log.ts';
import { CredentialStore } from './credential-store.ts';
import { PeerVerifier, type ReverseLookup, type SecurePeer } from './peer-verification.ts';

/** How long a handshake may take. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** What a program may decide by itself for single connections. */
export interface TlsHooks {
  /** Before the handshake with a server: more options for it. What it throws fails the connection. */
  readonly configure?: (server: {
    readonly host: string;
    readonly port: number;
  }) => ConnectionOptions;
  /** After all that the options ask for: a reason to refuse the peer, or undefined. What it throws is one. */
  readonly verify?: (peer: SecurePeer) => string | undefined;
  /** Default: that of the operating system. */
  readonly reverseLookup?: ReverseLookup;
  /** From the connection to the verified peer. Default: ten seconds. */
  readonly handshakeTimeoutMs?: number;
}

/** All that the connections of one node share. */
export class TlsSetup {
  readonly options: SslOptions;
  readonly credentials: CredentialStore;
  readonly log: RefusalLog;
  readonly handshakeTimeoutMs: number;
  readonly #hooks: TlsHooks;
  readonly #verifier: PeerVerifier;

  /** Reads the files; fails with `CertificateError`. */
  constructor(settings: SslSettings, logger: Logger, hooks: TlsHooks = {}) {
    this.options = sslOptions(settings);
    this.#hooks = hooks;
    this.handshakeTimeoutMs = hooks.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS;
    this.#verifier = new PeerVerifier(this.options, hooks.reverseLookup);
    const ownLogger = logger.child('libprocess.tls');
    this.credentials = new CredentialStore(this.options, ownLogger);
    this.log = new RefusalLog(ownLogger);
    for (const warning of this.options.warnings) ownLogger.warn(warning);
  }

  /** What a connection to this server shall have besides the options. */
  configure(server: { readonly host: string; readonly port: number }): ConnectionOptions {
    return this.#hooks.configure?.(server) ?? {};
  }

  /** Tells why the peer is refused, or undefined; once, and nothing if its connection has ended. */
  verify(peer: SecurePeer, done: (refusal: string | undefined) => void): void {
    this.#verifier.verify(peer, (refusal) => {
      done(refusal ?? this.#hookRefusal(peer));
    });
  }

  #hookRefusal(peer: SecurePeer): string | undefined {
    try {
      return this.#hooks.verify?.(peer);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
