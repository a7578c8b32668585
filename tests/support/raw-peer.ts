import { once } from 'node:events';
import net from 'node:net';

type Changes = Readonly<Record<string, string | undefined>>;

const HEADERS: Readonly<Record<string, string>> = {
  host: '127.0.0.1',
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'libprocess.1',
  'libprocess-incarnation': 'raw',
  'libprocess-dial': '1',
};

let peers = 0;

/** Of a peer that nobody listens at: what is not said over its connection is not said at all. */
export const nextPeer = (): string => `127.0.0.1:${10_000 + ((peers += 1) % 50_000)}`;

/** The request with which a node dials another; `changes` that are undefined leave a header out. */
export function upgradeOf(changes: Changes = {}, line = 'GET /libprocess HTTP/1.1'): Buffer {
  const headers: Changes = { ...HEADERS, 'libprocess-from': nextPeer(), ...changes };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return Buffer.from(`${[line, ...lines].join('\r\n')}\r\n\r\n`, 'latin1');
}

/** Sends such a request by hand, and gives the socket and the status of the answer: 0 if there is none. */
export async function upgrade(
  port: number,
  changes?: Changes,
  line?: string,
): Promise<{ socket: net.Socket; status: number }> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => undefined);
  socket.write(upgradeOf(changes, line));
  const [head] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [unknown];
  const status = /^HTTP\/1\.1 (\d{3})/.exec(String(head))?.[1];
  return { socket, status: Number(status ?? 0) };
}

export const [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10] as const;

export interface FrameHead {
  readonly fin?: boolean;
  readonly reserved?: number;
  readonly opcode?: number;
  readonly masked?: boolean;
  /** Default: zeros, which leave the payload as it is. */
  readonly mask?: readonly number[];
  /** What is said of the length, if that is not what follows. */
  readonly length?: readonly number[];
}

/** A frame as RFC 6455 has it, or as it has not. */
export function frame(head: FrameHead, payload: readonly number[] = []): number[] {
  const { fin = true, reserved = 0, opcode = BINARY, masked = true } = head;
  const mask = masked ? (head.mask ?? [0, 0, 0, 0]) : [];
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const [low = 0, ...rest] = head.length ?? lengthOf(payload.length);
  const sent = masked ? payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0)) : payload;
  return [first, low | (masked ? 0x80 : 0), ...rest, ...mask, ...sent];
}

function lengthOf(length: number): readonly number[] {
  if (length < 126) return [length];
  return [126, length >> 8, length & 0xff];
}

/** A length in eight bytes. */
export const long = (value: bigint): number[] => [
  127,
  ...Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(56 - 8 * index)) & 0xffn)),
];
