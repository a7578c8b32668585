import type { Millis } from './clock.ts';
import type { Message } from './message.ts';
import type { NodeObserver } from './node-observer.ts';
import type { TraceKind, TraceLine } from './trace-line.ts';
import type { UPID } from './upid.ts';

type Details<K extends TraceKind> = Omit<Extract<TraceLine, { kind: K }>, 'at' | 'node' | 'kind'>;

export interface TraceObserverOptions {
  readonly address: string;
  /** Of the operating system. */
  readonly pid: number;
  readonly boot: string;
  readonly nowMs: () => Millis;
  /** Gets each line as it is; must not throw. */
  readonly write: (line: object) => void;
}

/** Makes `TraceLine`s of what the node at `address` does, which begins now. */
export function traceObserver({
  address,
  pid,
  boot,
  nowMs,
  write,
}: TraceObserverOptions): NodeObserver {
  const line = <K extends TraceKind>(kind: K, details: Details<K>): void => {
    write({ at: nowMs(), node: address, kind, ...details });
  };
  const process = (kind: 'spawned' | 'ended') => (upid: UPID) => {
    line(kind, { process: upid.toString() });
  };
  const message =
    (kind: 'sent' | 'delivered' | 'undelivered') =>
    ({ name, from, to, bytes }: Message) => {
      const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      line(kind, {
        from: from.toString(),
        to: to.toString(),
        name,
        body: body.toString('base64'),
      });
    };
  line('begun', { pid, boot });
  return {
    spawned: process('spawned'),
    ended: process('ended'),
    sent: message('sent'),
    delivered: message('delivered'),
    undelivered: message('undelivered'),
    linked: (linker, to, mode) =>
      line('linked', { linker: linker.toString(), to: to.toString(), mode }),
    exited: (linker, of) => line('exited', { linker: linker.toString(), of: of.toString() }),
    lost: (lost) => line('lost', { address: lost }),
  };
}
