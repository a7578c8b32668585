import { protocol, RemoteProcess, shape } from '../libprocess/index.ts';

/** What other nodes may ask a counter: both sides import it. */
export const counter = protocol({
  increment: { args: [shape.number], returns: shape.number },
  value: { args: [], returns: shape.number },
});

/**
 * A number that lives in one place. On one host: `libprocess run ./counter.js --name=counter`; on
 * any other: `libprocess call counter@HOST:PORT increment 1`.
 */
export class Counter extends RemoteProcess {
  #value = 0;

  constructor(name = 'counter') {
    super(name);
    this.serve(counter, {
      increment: (by) => (this.#value += by),
      value: () => this.#value,
    });
  }
}
