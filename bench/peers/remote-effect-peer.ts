import { freePort } from './free-port.ts';
import { load, PEER_VERSIONS } from './install.ts';
import { BODY_BYTES, Exchange, type RemotePeer } from './remote-peer.ts';

type Eff = object;
/** What makes services, and what runs in it. */
interface Layers {
  readonly Layer: { provide(to: Eff, what: Eff): Eff };
  readonly ManagedRuntime: { make(layer: Eff): Running };
  readonly Schema: { readonly String: object };
  readonly Scope: { make(): Eff; provide(effect: Eff, scope: Eff): Eff };
  readonly Effect: { succeed(value: unknown): Eff; readonly void: Eff };
}
interface Running {
  runPromise(effect: Eff): Promise<unknown>;
  runFork(effect: Eff): { addObserver(observer: () => void): void };
  dispose(): Promise<void>;
}
interface Rpcs {
  readonly Rpc: { make(tag: string, options: object): object };
  readonly RpcGroup: { make(rpc: object): { toLayer(handlers: object): Eff } };
  readonly RpcServer: { layer(group: object): Eff; readonly layerProtocolSocketServer: Eff };
  readonly RpcClient: { make(group: object): Eff; layerProtocolSocket(): Eff };
  readonly RpcSerialization: { readonly layerNdjson: Eff };
}
interface EchoClient {
  echo(payload: { readonly body: string }): Eff;
}

const HOST = '127.0.0.1';

/** Its calls of other processes, over TCP; bodies are lines of JSON. */
export function remoteEffectPeer(): RemotePeer {
  const { Effect, Layer, ManagedRuntime, Schema, Scope } = load('effect') as Layers;
  const { Rpc, RpcGroup, RpcServer, RpcClient, RpcSerialization } = load('effect', 'rpc') as Rpcs;
  const sockets = (
    module: string,
  ): { layer(options: object): Eff; layerNet(options: object): Eff } =>
    load('@effect/platform-node-shared', module) as never;
  const group = RpcGroup.make(
    Rpc.make('echo', { payload: { body: Schema.String }, success: Schema.String }),
  );
  const provided = (layer: Eff, ...others: readonly Eff[]): Eff =>
    others.reduce((to, what) => Layer.provide(to, what), layer);
  return {
    name: `effect ${PEER_VERSIONS.effect}, rpc`,
    async serve() {
      const port = await freePort();
      const server = ManagedRuntime.make(
        provided(
          RpcServer.layer(group),
          group.toLayer({ echo: ({ body }: { body: string }) => Effect.succeed(body) }),
          RpcServer.layerProtocolSocketServer,
          sockets('NodeSocketServer').layer({ port, host: HOST }),
          RpcSerialization.layerNdjson,
        ),
      );
      await server.runPromise(Effect.void);
      return `${HOST}:${port}`;
    },
    async connect(address) {
      const port = Number(address.split(':')[1]);
      const running = ManagedRuntime.make(
        provided(
          RpcClient.layerProtocolSocket(),
          sockets('NodeSocket').layerNet({ port, host: HOST }),
          RpcSerialization.layerNdjson,
        ),
      );
      const scope = (await running.runPromise(Scope.make())) as Eff;
      const client = (await running.runPromise(
        Scope.provide(RpcClient.make(group), scope),
      )) as EchoClient;
      const body = 'x'.repeat(BODY_BYTES);
      const exchange = new Exchange(() => {
        running.runFork(client.echo({ body })).addObserver(exchange.answer);
      });
      return exchange.client(() => running.dispose());
    },
  };
}
