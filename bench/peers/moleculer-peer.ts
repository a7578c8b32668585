import { freePort } from './free-port.ts';
import { load, PEER_VERSIONS } from './install.ts';
import type { Peer } from './peer.ts';
import { BODY_BYTES, Exchange, type RemotePeer } from './remote-peer.ts';

interface Broker {
  readonly nodeID: string;
  createService(schema: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  call(action: string, params?: object): Promise<unknown>;
  waitForServices(name: string): Promise<void>;
}
interface Moleculer {
  readonly ServiceBroker: new (options: object) => Broker;
}

const name = `moleculer ${PEER_VERSIONS.moleculer}`;
const SERVICE = { name: 'echo', actions: { echo: ({ params }: { params: unknown }) => params } };

function broker(options: object = {}): Broker {
  const { ServiceBroker } = load('moleculer') as Moleculer;
  return new ServiceBroker({ logger: false, ...options });
}

/** It knows calls and their answers only: two messages. */
export function moleculerPeer(): Peer {
  return {
    name,
    async pingPong(messages) {
      const local = broker();
      local.createService(SERVICE);
      await local.start();
      for (let calls = 0; calls < messages / 2; calls += 1) await local.call('echo.echo', {});
      await local.stop();
    },
  };
}

/** Over its TCP transporter, whose bodies are JSON. */
export function remoteMoleculerPeer(): RemotePeer {
  return {
    name: `${name}, TCP`,
    async serve() {
      const port = await freePort();
      const server = broker({ nodeID: 'server', transporter: tcp(port) });
      server.createService(SERVICE);
      await server.start();
      return `127.0.0.1:${port}`;
    },
    async connect(address) {
      const port = await freePort();
      const transporter = tcp(port, [`tcp://${address}/server`]);
      const client = broker({ nodeID: 'client', transporter });
      await client.start();
      await client.waitForServices('echo');
      const params = { body: 'x'.repeat(BODY_BYTES) };
      const exchange = new Exchange(
        () => void client.call('echo.echo', params).then(exchange.answer),
      );
      return exchange.client(() => client.stop());
    },
  };
}

const tcp = (port: number, urls?: readonly string[]): object => ({
  type: 'TCP',
  options: { udpDiscovery: false, port, ...(urls && { urls }) },
});
