import { RuntimeError } from '../errors.ts';

/** Simulated code reached for the real world: what it did depends on more than the seed. */
export class PoisonedError extends RuntimeError {
  constructor(name: string) {
    super('POISONED', `'${name}' is the real world: simulated code has its Runtime instead`);
  }
}

/** Restores whatever a property was, inherited included. */
type Undo = () => void;

/**
 * Replaces the global ways to real time, randomness and I/O by functions that throw, until disposed.
 * For simulated runs only: some libraries use these globals from their own callbacks. Modules are
 * out of its reach; the import rules keep those away.
 */
export function poison(): Disposable {
  const undos: Undo[] = [];
  for (const name of FUNCTIONS) undos.push(replace(globalThis, name, thrower(name)));
  undos.push(replace(globalThis, 'Date', poisonedDate()));
  undos.push(replace(Math, 'random', thrower('Math.random')));
  undos.push(replace(performance, 'now', thrower('performance.now')));
  undos.push(replace(process, 'nextTick', thrower('process.nextTick')));
  undos.push(replace(process, 'hrtime', thrower('process.hrtime')));
  for (const name of ['randomUUID', 'getRandomValues']) {
    undos.push(replace(crypto, name, thrower(`crypto.${name}`)));
  }
  return {
    [Symbol.dispose]: () => {
      for (const undo of undos.splice(0).reverse()) undo();
    },
  };
}

const FUNCTIONS = ['setTimeout', 'setInterval', 'setImmediate', 'fetch'];

function thrower(name: string): () => never {
  return () => {
    throw new PoisonedError(name);
  };
}

/** A date of a given moment is a value; the present moment is the world. */
function poisonedDate(): DateConstructor {
  const now = thrower('Date.now');
  return new Proxy(Date, {
    construct: (target, args: unknown[], newTarget) =>
      args.length === 0
        ? thrower('new Date')()
        : (Reflect.construct(target, args, newTarget) as Date),
    apply: thrower('Date'),
    get: (target, property, receiver) =>
      property === 'now' ? now : (Reflect.get(target, property, receiver) as unknown),
  });
}

/** `performance.now` sits on a prototype: an own property hides it, and deleting that restores it. */
function replace(target: object, name: string, value: unknown): Undo {
  const original = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    if (original) Object.defineProperty(target, name, original);
    else Reflect.deleteProperty(target, name);
  };
}
