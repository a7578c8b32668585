import net from 'node:net';
import tls, { type ConnectionOptions } from 'node:tls';
import {
  Process,
  SILENT_LOGGER,
  startNode,
  text,
  UPID,
  type Logger,
  type ProcessManager,
} from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import { TestAuthority } from '../../libprocess/node/tls/test-certificates.ts';
import { TestFiles } from '../../libprocess/node/tls/test-files.ts';
import type { TlsHooks } from '../../libprocess/node/tls/tls-setup.ts';
import type { SslSettings } from '../../libprocess/options/ssl-options.ts';

class Echo extends Process {
  readonly got: string[] = [];
  readonly gone: string[] = [];

  constructor() {
    super('echo');
    this.installRaw('ping', (from, body) => this.post(from, 'pong', body));
    this.installRaw('pong', (_from, body) => this.got.push(Buffer.from(body).toString()));
    this.route('/hello', ({ method, body, remoteAddress }) =>
      text(200, `${method} ${Buffer.from(body).toString()} ${remoteAddress}`),
    );
  }

  ping(to: UPID, body: string): void {
    this.post(to, 'ping', Buffer.from(body));
  }

  watch(to: UPID): void {
    this.link(to);
  }

  protected override exited(upid: UPID): void {
    this.gone.push(upid.id);
  }
}

/** A node with one `Echo`, and what it warned of. */
export class SecureNode implements AsyncDisposable {
  readonly warnings: string[] = [];
  readonly network: NodeNetwork;
  readonly echo = new Echo();
  #node: ProcessManager | undefined;

  private constructor(ssl: SslSettings | undefined, hooks: TlsHooks) {
    const logger: Logger = {
      ...SILENT_LOGGER,
      warn: (message, fields) => this.warnings.push(`${message}: ${String(fields?.['reason'])}`),
      child: () => logger,
    };
    this.network = new NodeNetwork({ ssl, logger, hooks });
  }

  static async start(ssl?: SslSettings, hooks: TlsHooks = {}): Promise<SecureNode> {
    const node = new SecureNode(ssl, hooks);
    node.#node = await startNode({
      runtime: nodeRuntime({ network: node.network, logger: SILENT_LOGGER }),
      environment: {},
    });
    node.#node.spawn(node.echo);
    return node;
  }

  get address(): string {
    return this.#node?.address ?? '';
  }

  get port(): number {
    return this.upid.port;
  }

  get upid(): UPID {
    return new UPID('echo', this.address);
  }

  /** Sends a ping and says what became of it: the text that came back, or who is gone. */
  async ping(to: SecureNode, body = 'hello'): Promise<string> {
    const { echo } = this;
    const [got, gone] = [echo.got.length, echo.gone.length];
    this.#node?.post(this.upid, () => {
      echo.watch(to.upid);
      echo.ping(to.upid, body);
    });
    await eventually(() => echo.got.length > got || echo.gone.length > gone);
    return echo.got.length > got ? (echo.got.at(-1) ?? '') : 'exited';
  }

  async get(from: NodeNetwork, { method = 'GET', body = '' } = {}): Promise<string> {
    const request = {
      method,
      path: '/echo/hello',
      query: {},
      headers: {},
      body: Buffer.from(body),
    };
    const answer = await from.request(this.address, request, { timeoutMs: 10_000 });
    return answer.body instanceof Uint8Array ? Buffer.from(answer.body).toString() : '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#node?.[Symbol.asyncDispose]();
  }
}

export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** How a TLS client of our own making fares: what it reads until the end, or why it failed. */
export async function handshake(port: number, options: ConnectionOptions): Promise<string> {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  socket.once('secureConnect', () => {
    socket.write('GET /echo/hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  });
  return outcome(socket);
}

export async function outcome(socket: net.Socket): Promise<string> {
  let got = '';
  let failure = '';
  socket.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')));
  socket.on('error', (error: NodeJS.ErrnoException) => (failure = error.code ?? error.message));
  await new Promise((resolve) => socket.once('close', resolve));
  return got === '' ? `failed ${failure}` : (/^HTTP\/1.1 \d+/.exec(got)?.[0] ?? got);
}

/** Sends plain HTTP and tells how it went. */
export function plain(
  port: number,
  text = 'GET /echo/hello HTTP/1.1\r\nConnection: close\r\n\r\n',
) {
  const socket = net.connect(port, '127.0.0.1');
  socket.write(text);
  return outcome(socket);
}

/** Authorities, and nodes that are certified by them. The files last as long as this. */
export class Credentials implements Disposable {
  readonly files = new TestFiles();
  readonly authority = TestAuthority.create();
  readonly strangers = TestAuthority.create('Strangers');

  [Symbol.dispose](): void {
    this.files[Symbol.dispose]();
  }

  /** A node that verifies servers, by their IPs and without asking any DNS. */
  verified(of = this.authority, options: Parameters<TestFiles['node']>[1] = {}): SslSettings {
    const trusted = options.trusted ?? this.authority;
    return {
      ...this.files.node(of, { ...options, trusted }),
      verifyServerCert: true,
      verifyIpAddress: true,
    };
  }

  /** The same, and clients must prove who they are. */
  mutual(...args: Parameters<Credentials['verified']>): SslSettings {
    return { ...this.verified(...args), requireClientCert: true };
  }
}

export function pems(of: TestAuthority, options: Parameters<TestAuthority['issue']>[0] = {}) {
  const { certificatePem: cert, keyPem: key } = of.issue(options);
  return { cert, key };
}
