import { describeNetwork } from '../../../tests/conformance/network.ts';
import { Simulation } from '../simulation.ts';

describeNetwork('SimNetwork', () => {
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
});
