import { describeNetwork } from '../../tests/conformance/network.ts';
import { NodeClock } from './node-clock.ts';
import { NodeNetwork } from './node-network.ts';

describeNetwork('NodeNetwork', () =>
  Promise.resolve({
    it: {
      server: new NodeNetwork(),
      client: new NodeNetwork(),
      serverIp: '127.0.0.1',
      clock: new NodeClock(),
    },
    complete: (promise) => Promise.resolve(promise),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
);
