import type { Message } from '../libprocess/message.ts';
import type { Which } from './mail.ts';
import type { TestHost } from './test-host.ts';

/** Which messages of a type are meant: those to which all of it applies. */
export interface WhichMessages<M> extends Which<M> {
  /** Sent by a process on this host. */
  readonly from?: TestHost;
  /** Sent to a process on this host. */
  readonly to?: TestHost;
}

export const selector =
  <M>({ from, to, when }: WhichMessages<M>) =>
  (body: M, message: Message): boolean =>
    (!from || message.from.ip === from.ip) &&
    (!to || message.to.ip === to.ip) &&
    (!when || when(body, message));
