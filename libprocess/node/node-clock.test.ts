import { describeClock } from '../../tests/conformance/clock.ts';
import { NodeClock } from './node-clock.ts';

describeClock('NodeClock', () => ({
  it: new NodeClock(),
  complete: (promise) => Promise.resolve(promise),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}));
