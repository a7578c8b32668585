import type { Socket } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { splitHostPort } from '../../ip.ts';
import { remoteAddressOf } from '../websocket/ws-connection.ts';
import { explainHandshake } from './handshake-reasons.ts';
import type { TlsSetup } from './tls-setup.ts';

/** First byte of a TLS connection: a record of the handshake. No HTTP method begins with it. */
const HANDSHAKE_RECORD = 0x16;

/**
 * Stands before a server and lets connections through once they are secured: each makes its handshake
 * by itself, so that a silent or slow one holds nobody up.
 */
export class TlsGate {
  readonly #setup: TlsSetup;
  readonly #passed: (socket: Socket) => void;
  readonly #server: tls.Server;
  #credentials: TlsSetup['credentials']['current'];
  /** Connections that are not through, by the address of the peer, each with its deadline. */
  readonly #waiting = new Map<
    string,
    { readonly raw: Socket; readonly deadline: NodeJS.Timeout }
  >();

  constructor(setup: TlsSetup, passed: (socket: Socket) => void) {
    this.#setup = setup;
    this.#passed = passed;
    this.#credentials = setup.credentials.current;
    this.#server = tls.createServer({
      ...this.#credentials.options,
      handshakeTimeout: setup.handshakeTimeoutMs,
      // Peers are verified here, so that the log can tell why one was refused.
      requestCert: setup.options.requireClientCert,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
    });
    this.#server.on('secureConnection', (socket) => {
      this.#secured(socket);
    });
    this.#server.on('tlsClientError', (error, socket) => {
      // A port that was merely knocked at is no news.
      if (socket.remoteAddress !== undefined) this.#tell(socket, explainHandshake(error));
      socket.destroy();
    });
  }

  /** Takes a connection that has just been accepted. */
  accept(raw: Socket): void {
    // Reset already: there is nobody to shake hands with.
    if (raw.remoteAddress === undefined) {
      raw.destroy();
      return;
    }
    const peer = remoteAddressOf(raw);
    const deadline = setTimeout(() => raw.destroy(), this.#setup.handshakeTimeoutMs);
    this.#waiting.set(peer, { raw, deadline });
    raw.on('error', () => undefined);
    raw.once('close', () => {
      this.#over(peer);
    });
    if (this.#setup.options.supportDowngrade) this.#peek(raw);
    else this.#handshake(raw);
  }

  /** Ends the connections that are not through. */
  close(): void {
    for (const { raw } of this.#waiting.values()) raw.destroy();
  }

  #peek(raw: Socket): void {
    raw.once('readable', () => {
      const first = raw.read() as Buffer | null; // No encoding is set.
      if (first === null) {
        raw.destroy();
        return;
      }
      raw.unshift(first);
      if (first[0] === HANDSHAKE_RECORD) this.#handshake(raw);
      else this.#pass(raw);
    });
  }

  #handshake(raw: Socket): void {
    const { current } = this.#setup.credentials;
    if (current !== this.#credentials) {
      this.#credentials = current;
      this.#server.setSecureContext(current.options);
    }
    this.#server.emit('connection', raw);
  }

  #secured(socket: TLSSocket): void {
    socket.on('error', () => undefined);
    const { host, port } = splitHostPort(remoteAddressOf(socket));
    this.#setup.verify({ socket, side: 'client', host, ip: host, port }, (refusal) => {
      if (refusal === undefined) {
        if (!socket.destroyed) this.#pass(socket);
        return;
      }
      this.#tell(socket, refusal);
      // What ends the handshake leaves first: the client may have reasons of its own to tell.
      socket.end(() => socket.destroy());
    });
  }

  #pass(socket: Socket): void {
    this.#over(remoteAddressOf(socket));
    this.#passed(socket);
  }

  #over(peer: string): void {
    clearTimeout(this.#waiting.get(peer)?.deadline);
    this.#waiting.delete(peer);
  }

  #tell(socket: Socket, reason: string): void {
    const { host } = splitHostPort(remoteAddressOf(socket));
    this.#setup.log.warn('Refused a connection that could not be secured', { peer: host, reason });
  }
}
