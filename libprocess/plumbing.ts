/**
 * Keys of what the runtime calls on a process. Symbols, so that a process's own public methods are
 * the only ones that can be dispatched to. Not exported from the package.
 */
export const BIND: unique symbol = Symbol('bind');
export const INITIALIZE: unique symbol = Symbol('initialize');
export const FINALIZE: unique symbol = Symbol('finalize');
export const EXITED: unique symbol = Symbol('exited');
export const DELAY: unique symbol = Symbol('delay');
export const CONSUME: unique symbol = Symbol('consume');
export const REFUSED: unique symbol = Symbol('refused');
export const INSTALL: unique symbol = Symbol('install');
export const ROUTES: unique symbol = Symbol('routes');
export const MAILBOX: unique symbol = Symbol('mailbox');
export const SENDER: unique symbol = Symbol('sender');
/** The method that calls a function in a turn of its process; protected, as no symbol could be dispatched. */
export const RUN = '(function)';

const NAMES = new Set<string>();
const METHODS = new Set<unknown>();

/** Never called by name, whoever has made them: a process that runs them again is in a state that its class has not foreseen. */
const NEVER: readonly string[] = ['initialize', 'finalize', 'exited', 'constructor'];

/**
 * What a base class of processes has for their own use, and nobody calls by name. Each says so once, as it is
 * defined. The types of `dispatch` know them as protected; JavaScript has no types.
 */
export function keepOwn(prototype: object): void {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (name === RUN) continue;
    NAMES.add(name);
    METHODS.add(Object.getOwnPropertyDescriptor(prototype, name)?.value);
  }
}

/** Others of these names a class may have made public, by a method of its own. */
export const isOwn = (name: string, method: unknown): boolean =>
  NAMES.has(name) && (NEVER.includes(name) || METHODS.has(method));

keepOwn(Object.prototype);
