import { once } from 'node:events';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import tls, { type TlsOptions } from 'node:tls';
import { UPID } from '../../libprocess/index.ts';

/** A message as it came, with what the head said word for word. */
export interface PeerMessage {
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly body: string;
  readonly head: string;
  /** Which of the connections that the peer accepted, from 0. */
  readonly connection: number;
}

export interface CppPeerOptions {
  /** Ids of the processes that it runs; messages to others get 404. */
  readonly processes?: readonly string[];
  /** Answers no message, as libprocess of before 2014. */
  readonly mute?: boolean;
  readonly tls?: TlsOptions;
}

const ACCEPTED =
  'HTTP/1.1 202 Accepted\r\nDate: Fri, 20 Nov 2026 08:37:03 GMT\r\nContent-Length: 0\r\n\r\n';
const NOT_FOUND =
  'HTTP/1.1 404 Not Found\r\nDate: Fri, 20 Nov 2026 08:37:03 GMT\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 14\r\n\r\n404 Not Found.';

/**
 * Behaves on the wire as C++ libprocess does (`SocketManager`, `HttpProxy`): 404 to an upgrade, 202 or 404
 * to each message on the connection that it came by; what it has to say goes over connections of its own, which it
 * never reads for more than their end. One to a linked address stays; any other is closed
 * as soon as its queue has drained.
 */
export class CppPeer implements AsyncDisposable {
  readonly messages: PeerMessage[] = [];
  /** UPIDs that it had linked and that are gone. */
  readonly exits: string[] = [];
  /** What came back on its own connections: it does not look at that, a test may. */
  answers = '';
  upgrades = 0;
  connections = 0;
  readonly accepted = new Set<Socket>();
  readonly #options: CppPeerOptions;
  readonly #server: Server;
  readonly #persistent = new Map<string, Socket>();
  readonly #linked = new Map<string, Set<string>>();
  readonly #own = new Set<Socket>();
  #port = 0;

  private constructor(options: CppPeerOptions) {
    this.#options = options;
    const serve = (socket: Socket): void => this.#accept(socket);
    this.#server = options.tls ? tls.createServer(options.tls, serve) : net.createServer(serve);
    this.#server.on('tlsClientError', () => undefined);
  }

  static async start(options: CppPeerOptions = {}): Promise<CppPeer> {
    const peer = new CppPeer(options);
    await once(peer.#server.listen(0, '127.0.0.1'), 'listening');
    peer.#port = (peer.#server.address() as AddressInfo).port;
    return peer;
  }

  upid(id: string): UPID {
    return new UPID(id, `127.0.0.1:${this.#port}`);
  }

  link(to: UPID): void {
    const linked = this.#linked.get(to.address) ?? new Set();
    this.#linked.set(to.address, linked.add(to.toString()));
    if (!this.#persistent.has(to.address)) this.#connect(to, true);
  }

  /** `from` is the id of the process that sends; `headers` are lines that libprocess itself does not write. */
  send(
    from: string,
    to: UPID,
    { name, body, headers = '' }: { name: string; body: string; headers?: string },
  ): void {
    const sender = this.upid(from).toString();
    const head =
      `POST /${to.id}/${name} HTTP/1.1\r\nUser-Agent: libprocess/${sender}\r\nLibprocess-From: ${sender}\r\n` +
      `Connection: Keep-Alive\r\nHost: ${to.address}\r\n${headers}`;
    const length = Buffer.byteLength(body).toString(16);
    const message =
      body === ''
        ? `${head}\r\n`
        : `${head}Transfer-Encoding: chunked\r\n\r\n${length}\r\n${body}\r\n0\r\n\r\n`;
    const persistent = this.#persistent.get(to.address);
    if (persistent) persistent.write(message);
    // Drained: both ways are shut down at once, whatever the answer would have been.
    else this.#connect(to, false).end(message);
  }

  /** Ends connections that were accepted, as the death of the process would. */
  hangUp(): void {
    for (const socket of this.accepted) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of [...this.accepted, ...this.#own]) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connect(to: UPID, persistent: boolean): Socket {
    const target = { host: to.ip.replace(/^\[|\]$/g, ''), port: to.port };
    const socket = this.#options.tls
      ? tls.connect({ ...target, rejectUnauthorized: false })
      : net.connect(target);
    this.#own.add(socket);
    if (persistent) this.#persistent.set(to.address, socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => (this.answers += chunk.toString('latin1')));
    socket.once('close', () => {
      this.#own.delete(socket);
      if (this.#persistent.get(to.address) !== socket) return;
      this.#persistent.delete(to.address);
      this.exits.push(...(this.#linked.get(to.address) ?? []));
      this.#linked.delete(to.address);
    });
    return socket;
  }

  #accept(socket: Socket): void {
    const connection = this.connections;
    this.connections += 1;
    this.accepted.add(socket);
    let unread = '';
    socket.on('error', () => undefined);
    socket.once('close', () => this.accepted.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      unread += chunk.toString('latin1');
      for (let read = readRequest(unread); read; read = readRequest(unread)) {
        unread = unread.slice(read.length);
        this.#request(read, socket, connection);
      }
    });
  }

  #request({ head, body }: ReadRequest, socket: Socket, connection: number): void {
    const [, method, path = ''] = /^(\S+) (\S+) HTTP\/1\.1\r\n/.exec(head) ?? [];
    if (method !== 'POST') {
      this.upgrades += 1;
      socket.write(NOT_FOUND);
      return;
    }
    const [, id = '', name = ''] = /^\/([^/]*)\/(.*)$/.exec(path) ?? [];
    const from = /\r\nLibprocess-From: (.*)\r\n/.exec(head)?.[1] ?? '';
    const to = decodeURIComponent(id);
    this.messages.push({ from, to, name, body, head, connection });
    if (this.#options.mute === true) return;
    const known = this.#options.processes?.includes(to) ?? true;
    socket.write(known ? ACCEPTED : NOT_FOUND);
  }
}

interface ReadRequest {
  readonly head: string;
  readonly body: string;
  /** Of both, as they were written. */
  readonly length: number;
}

/** One request from the front of `text`, if all of it is there: without a body, or in chunks. */
function readRequest(text: string): ReadRequest | undefined {
  const end = text.indexOf('\r\n\r\n') + 4;
  if (end < 4) return undefined;
  const head = text.slice(0, end);
  if (!head.includes('\r\nTransfer-Encoding: chunked\r\n')) return { head, body: '', length: end };
  let body = '';
  for (let at = end; ;) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(text.slice(at, line), 16);
    const next = line + 2 + size + 2;
    if (text.length < next) return undefined;
    if (size === 0) return { head, body, length: next };
    body += text.slice(line + 2, line + 2 + size);
    at = next;
  }
}
