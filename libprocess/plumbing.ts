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
