import type http from 'node:http';
import type { DropArgument, Socket } from 'node:net';
import { CONNECTIONS_MAX } from '../../http/limits.ts';
import { IpTally } from '../ip-tally.ts';
import type { RefusalLog } from '../refusal-log.ts';
import { TlsGate } from '../tls/tls-gate.ts';
import type { TlsSetup } from '../tls/tls-setup.ts';

export interface DoorOptions {
  /** Secures what comes in. Default: nothing is secured. */
  readonly tls: TlsSetup | undefined;
  readonly perIpMax: number;
  readonly log: RefusalLog;
  /** A connection was turned away, as too many are open. */
  readonly crowded: () => void;
}

/** Stands before an HTTP server: lets connections in, as many as may be open, and hands them over once they are secured. */
export class Door {
  readonly #server: http.Server;
  readonly #options: DoorOptions;
  /** What the server does with a connection. */
  readonly #serve: ReturnType<http.Server['listeners']>;
  readonly #gate: TlsGate | undefined;
  readonly #open = new IpTally();

  /** From now on `server` gets its connections from here. */
  constructor(server: http.Server, options: DoorOptions) {
    this.#server = server;
    this.#options = options;
    this.#serve = server.listeners('connection');
    this.#gate =
      options.tls &&
      new TlsGate(options.tls, (socket) => {
        this.handOver(socket);
      });
    server.removeAllListeners('connection');
    server.maxConnections = CONNECTIONS_MAX;
    server.on('drop', (dropped?: DropArgument) => {
      this.#crowded(dropped?.remoteAddress, `${CONNECTIONS_MAX} connections are open`);
    });
    server.on('connection', (socket: Socket) => {
      this.#came(socket);
    });
  }

  /** Gives the server a connection as if it had just come. */
  handOver(socket: Socket): void {
    for (const serve of this.#serve) serve.call(this.#server, socket);
  }

  /** Ends the connections that are not secured yet. */
  close(): void {
    this.#gate?.close();
  }

  #came(socket: Socket): void {
    const ip = socket.remoteAddress;
    if (ip === undefined) {
      socket.destroy(); // Reset already.
      return;
    }
    const { perIpMax } = this.#options;
    socket.once('close', () => this.#open.add(ip, -1));
    if (this.#open.add(ip, 1) > perIpMax) {
      this.#crowded(ip, `${perIpMax} connections of its IP are open`);
      socket.destroy();
      return;
    }
    if (this.#gate) this.#gate.accept(socket);
    else this.handOver(socket);
  }

  #crowded(ip: string | undefined, reason: string): void {
    this.#options.crowded();
    this.#options.log.warn('Refused a connection', { peer: ip ?? 'unknown', reason });
  }
}
