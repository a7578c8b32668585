import { describeEnds } from '../../../tests/conformance/network-bytes.ts';
import type { OpenNetworks } from '../../../tests/conformance/network-stage.ts';
import { describeNetwork } from '../../../tests/conformance/network.ts';
import { Simulation } from '../simulation.ts';

const open: OpenNetworks = () => {
  const sim = new Simulation();
  const [server, client] = [sim.node(), sim.node()];
  return Promise.resolve({
    it: {
      server: server.runtime.network,
      client: client.runtime.network,
      serverIp: server.machine.ip,
      clock: client.runtime.clock,
    },
    complete: (promise) => sim.complete(promise),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
};
describeNetwork('SimNetwork', open);
describeEnds('SimNetwork', open);
