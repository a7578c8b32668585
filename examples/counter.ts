import { call, protocol, RemoteProcess, shape, type Server } from '../libprocess/index.ts';

/** What other nodes may ask a counter: both sides import it. */
export const counter = protocol('counter', {
  increment: call(shape.number, shape.number),
  value: call(shape.nothing, shape.number),
});

/**
 * A number that lives in one place. On one host: `libprocess run ./counter.js --name=counter`; on
 * any other: `libprocess call counter@HOST:PORT increment 1`.
 */
export class Counter extends RemoteProcess implements Server<typeof counter> {
  #value = 0;

  constructor(name = 'counter') {
    super(name);
    this.serve(counter, this);
  }

  increment(by: number): number {
    return (this.#value += by);
  }

  value(): number {
    return this.#value;
  }
}
