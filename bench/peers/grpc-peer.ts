import { load, PEER_VERSIONS } from './install.ts';
import { BODY_BYTES, Exchange, type RemotePeer } from './remote-peer.ts';

interface Stream {
  on(event: 'data', listener: (body: Buffer) => void): void;
  on(event: 'end' | 'error', listener: () => void): void;
  write(body: Buffer): void;
  end(): void;
}
interface UnaryCall {
  readonly request: Buffer;
}
type Callback = (error: Error | null, body?: Buffer) => void;
interface Client {
  unary(body: Buffer, callback: Callback): void;
  stream(): Stream;
  close(): void;
}
interface Grpc {
  readonly Server: new () => {
    addService(definition: object, handlers: object): void;
    bindAsync(
      address: string,
      credentials: unknown,
      bound: (e: unknown, port: number) => void,
    ): void;
  };
  readonly ServerCredentials: { createInsecure(): unknown };
  readonly credentials: { createInsecure(): unknown };
  makeGenericClientConstructor(
    definition: object,
    service: string,
  ): new (address: string, credentials: unknown) => Client;
}

const method = (path: string, streams: boolean): object => ({
  path: `/Echo/${path}`,
  requestStream: streams,
  responseStream: streams,
  requestSerialize: (body: Buffer) => body,
  requestDeserialize: (body: Buffer) => body,
  responseSerialize: (body: Buffer) => body,
  responseDeserialize: (body: Buffer) => body,
});
const ECHO = { unary: method('Unary', false), stream: method('Stream', true) };

/** One call a message, or one stream for all. Bodies are bytes: nothing is encoded. */
export function grpcPeer(kind: 'unary' | 'stream'): RemotePeer {
  const grpc = load('@grpc/grpc-js') as Grpc;
  return {
    name: `grpc-js ${PEER_VERSIONS['@grpc/grpc-js']}, ${kind}`,
    serve() {
      const server = new grpc.Server();
      server.addService(ECHO, {
        unary: ({ request }: UnaryCall, callback: Callback) => {
          callback(null, request);
        },
        stream: (stream: Stream) => {
          stream.on('data', (body) => {
            stream.write(body);
          });
          stream.on('end', () => {
            stream.end();
          });
        },
      });
      return new Promise((resolve) => {
        server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (_error, port) => {
          resolve(`127.0.0.1:${port}`);
        });
      });
    },
    connect(address) {
      const Client = grpc.makeGenericClientConstructor(ECHO, 'Echo');
      const client = new Client(address, grpc.credentials.createInsecure());
      const body = Buffer.alloc(BODY_BYTES);
      const stream = kind === 'stream' ? client.stream() : undefined;
      const exchange = new Exchange(() => {
        if (stream) stream.write(body);
        else client.unary(body, exchange.answer);
      });
      stream?.on('data', exchange.answer);
      // What is cancelled when the client closes.
      stream?.on('error', () => undefined);
      const close = (): Promise<void> => {
        stream?.end();
        client.close();
        return Promise.resolve();
      };
      return Promise.resolve(exchange.client(close));
    },
  };
}
