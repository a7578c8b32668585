import net, { isIP, type Socket } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { NetworkError } from '../../errors.ts';
import { hostPort } from '../../ip.ts';
import { codeOf } from '../system-errors.ts';
import { explainHandshake } from './handshake-reasons.ts';
import type { TlsSetup } from './tls-setup.ts';

export interface DialTarget {
  /** An IP without brackets, or a name. */
  readonly host: string;
  readonly port: number;
  /** A server that speaks no TLS is none, whatever is downgraded otherwise. */
  readonly secureOnly?: boolean;
}

/** How a dial ended: with a verified connection, or an error of class `NetworkError`. */
export type Dialled = (error: NetworkError | undefined, socket?: Socket) => void;

/** Opens connections that are secured before anybody may write to them. */
export class TlsDialer {
  readonly #setup: TlsSetup;

  constructor(setup: TlsSetup) {
    this.#setup = setup;
  }

  /** `done` is called once, never synchronously. Disposing gives the dial up. */
  dial(target: DialTarget, done: Dialled): Disposable {
    return new TlsDial(this.#setup, target, done);
  }

  /**
   * A server has cut a connection before it answered anything. It verifies us after the handshake,
   * where no alert of TLS can tell that it refuses our certificate.
   */
  tellCut(peer: string): string {
    const reason = 'it cut the connection: it may not accept our certificate';
    this.#setup.log.warn('Failed to secure a connection', { peer, reason });
    return reason;
  }
}

/** One attempt to reach one server; with a second, plain one where that was asked for. */
class TlsDial implements Disposable {
  readonly #setup: TlsSetup;
  readonly #target: DialTarget;
  readonly #done: Dialled;
  readonly #deadline: NodeJS.Timeout;
  #socket: Socket | undefined;
  #over = false;

  constructor(setup: TlsSetup, target: DialTarget, done: Dialled) {
    this.#setup = setup;
    this.#target = target;
    this.#done = done;
    const { handshakeTimeoutMs } = setup;
    this.#deadline = setTimeout(() => {
      this.#fail('ETIMEDOUT', `no handshake within ${handshakeTimeoutMs / 1_000} seconds`);
    }, handshakeTimeoutMs);
    this.#secure();
  }

  [Symbol.dispose](): void {
    if (!this.#end()) return;
    this.#socket?.destroy();
  }

  #secure(): void {
    const { host, port } = this.#target;
    let socket: TLSSocket;
    try {
      socket = tls.connect({
        host,
        port,
        secureContext: this.#setup.credentials.current.context,
        // Verified once the handshake is done, by the options of libprocess.
        rejectUnauthorized: false,
        checkServerIdentity: () => undefined,
        ALPNProtocols: ['http/1.1'],
        ...(isIP(host) === 0 && { servername: host }),
        ...this.#setup.configure(this.#target),
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      setImmediate(() => {
        this.#fail('EPROTO', reason);
      });
      return;
    }
    this.#socket = socket;
    let reached = false;
    socket.on('error', (error: Error) => {
      if (this.#over || socket !== this.#socket) return;
      if (!reached) this.#fail(codeOf(error), error.message);
      else if (this.#mayBePlain && speaksNoTls(error)) this.#plain();
      else this.#refuse(explainHandshake(error), codeOf(error));
    });
    socket.once('connect', () => {
      reached = true;
      socket.setNoDelay(true);
    });
    socket.once('secureConnect', () => {
      this.#secured(socket);
    });
  }

  #secured(socket: TLSSocket): void {
    const { host, port } = this.#target;
    const ip = socket.remoteAddress ?? host;
    this.#setup.verify({ socket, side: 'server', host, ip, port }, (refusal) => {
      if (this.#over) return;
      if (refusal !== undefined) this.#refuse(refusal, 'EPROTO');
      else if (socket.destroyed) this.#fail('ECONNRESET', 'closed by the peer');
      else this.#open(socket);
    });
  }

  get #mayBePlain(): boolean {
    return this.#setup.options.supportDowngrade && this.#target.secureOnly !== true;
  }

  /** The server does not speak TLS, and need not. */
  #plain(): void {
    this.#socket?.destroy();
    const socket = net.connect({ ...this.#target, noDelay: true });
    this.#socket = socket;
    socket.on('error', (error) => {
      this.#fail(codeOf(error), error.message);
    });
    socket.once('connect', () => {
      this.#open(socket);
    });
  }

  #refuse(reason: string, code: string): void {
    const peer = hostPort(this.#target.host, this.#target.port);
    if (!this.#over) this.#setup.log.warn('Failed to secure a connection', { peer, reason });
    this.#fail(code, reason);
  }

  #fail(code: string, reason: string): void {
    if (!this.#end()) return;
    this.#socket?.destroy();
    this.#done(new NetworkError(code, reason));
  }

  #open(socket: Socket): void {
    if (!this.#end()) return;
    this.#done(undefined, socket);
  }

  /** False if it had ended before. */
  #end(): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#deadline);
    return true;
  }
}

/**
 * What comes of speaking TLS to a plain server: an answer that is no record of TLS, or the end. A peer that
 * did answer in TLS, and is not who it should be, is never spoken to plainly.
 */
function speaksNoTls(error: Error): boolean {
  const code = codeOf(error);
  return (
    code === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
    code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG' ||
    code === 'ECONNRESET'
  );
}
