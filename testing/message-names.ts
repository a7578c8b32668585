import { suggest } from '../cli/flags/suggest.ts';
import type { MessageType } from '../libprocess/message.ts';
import * as proto from '../proto/index.ts';
import { TestClusterError } from './errors.ts';

type WireTypes = typeof proto;

/** Names of Mesos's messages, such as `StatusUpdateMessage`. */
export type MessageName = {
  [N in keyof WireTypes]: WireTypes[N] extends { readonly fullName: string } ? N : never;
}[keyof WireTypes];

/** What a message of that name says. */
export type BodyOf<N extends MessageName> = WireTypes[N] extends MessageType<infer M> ? M : never;

/** The type of a name; a type is what it is. Throws for names that no message of Mesos has. */
export function messageType(nameOrType: string | MessageType<unknown>): MessageType<unknown> {
  if (typeof nameOrType !== 'string') return nameOrType;
  const found: unknown = Reflect.get(proto, nameOrType);
  if (isMessageType(found)) return found;
  const near = suggest(nameOrType, Object.keys(proto));
  const advice =
    near === undefined
      ? 'for a message of your own, and for those of packages, pass the type (scheduler.Call)'
      : `did you mean '${near}'?`;
  throw new TestClusterError('UNKNOWN', `No message is called '${nameOrType}': ${advice}`);
}

const isMessageType = (value: unknown): value is MessageType<unknown> =>
  typeof value === 'object' && value !== null && 'fullName' in value && 'decode' in value;
