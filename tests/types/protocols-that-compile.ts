import { z } from 'zod';
import {
  call,
  cast,
  protocol,
  remote,
  RemoteProcess,
  shape,
  type Future,
  type ProcessManager,
  type Server,
  type UPID,
} from '../../libprocess/index.ts';
import { PingSlaveMessage, PongSlaveMessage } from '../../proto/index.ts';

/* eslint-disable @typescript-eslint/no-unsafe-call,
   @typescript-eslint/no-meaningless-void-operator -- What does not compile is the subject. */

// Never run: that this file compiles is the test. Each expected error is one that users rely on.

const Kv = protocol('kv', {
  get: call(z.object({ key: z.string() }), z.string().nullable()),
  put: cast(z.object({ key: z.string(), value: z.string() })),
  count: call(shape.nothing, shape.number, { timeout: '30s' }),
  parse: call(z.string().transform(Number), z.number()),
  ping: call(PingSlaveMessage, PongSlaveMessage),
});

export class KvProcess extends RemoteProcess implements Server<typeof Kv> {
  constructor() {
    super('kv');
    this.serve(Kv, this);
    // @ts-expect-error Not all of the protocol is there.
    this.serve(Kv, { count: () => 1 });
  }
  get({ key }: { key: string }, from: UPID): string | null {
    return key + from.id;
  }
  put({ key, value }: { key: string; value: string }): void {
    void [key, value];
  }
  count(): Promise<number> {
    return Promise.resolve(1);
  }
  /** Gets what the schema made of the text. */
  parse(value: number): number {
    return value;
  }
  ping({ connected }: PingSlaveMessage): PongSlaveMessage {
    void connected;
    return {};
  }
}

// @ts-expect-error A method of the protocol is missing.
export class MissingProcess extends RemoteProcess implements Server<typeof Kv> {
  get(): null {
    return null;
  }
}

export class WrongProcess extends KvProcess implements Server<typeof Kv> {
  // @ts-expect-error Another result than the protocol says.
  override get(): number {
    return 1;
  }
}

export function typesOfRemote(node: ProcessManager, upid: UPID): void {
  const kv = remote(node, Kv, upid);
  const value: Future<string | null> = kv.get({ key: 'a' });
  const limited: Future<string | null> = kv.get({ key: 'a' }, { timeout: '1s' });
  const counts: Future<number>[] = [kv.count(), kv.count(undefined, { timeout: 1_000 })];
  const parsed: Future<number> = kv.parse('1');
  const pong: Future<PongSlaveMessage> = kv.ping({ connected: true });
  void [value, limited, counts, parsed, pong, remote(node, Kv, 'kv@10.0.0.1:5050')];
  kv.put({ key: 'a', value: 'b' });
  // @ts-expect-error No such method.
  kv.nope();
  // @ts-expect-error An argument is missing.
  void kv.get();
  // @ts-expect-error An argument of another type.
  void kv.get({ key: 1 });
  // @ts-expect-error What goes in is text.
  void kv.parse(1);
  // @ts-expect-error No unit of time.
  void kv.get({ key: 'a' }, { timeout: '1 parsec' });
  // @ts-expect-error A result of another type.
  const wrong: Future<number> = kv.get({ key: 'a' });
  // @ts-expect-error Nothing comes back, so nothing can be waited for.
  kv.put({ key: 'a', value: 'b' }, { timeout: '1s' });
  // @ts-expect-error A number is no schema.
  call(1, z.number());
  // @ts-expect-error No unit of time.
  call(z.number(), z.number(), { timeout: '1 parsec' });
  void wrong;
}
