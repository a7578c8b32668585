import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  Message,
  Process,
  SILENT_LOGGER,
  startNode,
  UPID,
  type ProcessManager,
} from '../../libprocess/index.ts';
import { NodeNetwork } from '../../libprocess/node/node-network.ts';
import { nodeRuntime } from '../../libprocess/node/node-runtime.ts';
import { FrameEncoder } from '../../libprocess/transport/frame-encoder.ts';
import { frame, nextPeer, upgradeOf } from '../support/raw-peer.ts';

/** Notes what it hears, and links whoever speaks to it. */
class Listener extends Process {
  readonly heard: string[] = [];
  readonly ends: string[] = [];
  #woken: () => void = () => undefined;

  /** Settles with the next thing that happens. */
  get next(): Promise<void> {
    return new Promise((resolve) => (this.#woken = resolve));
  }

  protected override initialize(): void {
    this.installRaw('said', (from, body) => {
      this.link(from);
      this.heard.push(new TextDecoder().decode(body));
      this.#woken();
    });
  }

  protected override exited(upid: UPID): void {
    this.ends.push(upid.id);
    this.#woken();
  }
}

let node: ProcessManager;
let port = 0;

beforeAll(async () => {
  const runtime = nodeRuntime({ network: new NodeNetwork(), logger: SILENT_LOGGER });
  node = await startNode({ runtime });
  port = Number(node.address.split(':')[1]);
});

afterAll(() => node[Symbol.asyncDispose]());

const TEXTS = ['one', 'two', 'three'] as const;
const MASK = [7, 77, 177, 27];

/** Each text in a WebSocket frame of its own, masked. */
function framesOf(listener: UPID, address: string): readonly Buffer[] {
  const frames: Buffer[] = [];
  const encoder = new FrameEncoder((payload) => {
    frames.push(Buffer.from(frame({ mask: MASK }, [...payload])));
  });
  for (const text of TEXTS) {
    const head = { name: 'said', from: new UPID('far', address), to: listener };
    encoder.message(Message.ofBytes(head, Buffer.from(text)));
    encoder.flush();
  }
  return frames;
}

async function connected(bytes: Uint8Array): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => undefined).resume();
  await once(socket, 'connect');
  await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
  return socket;
}

/** So many of the frames are whole in the first `length` bytes. */
function wholeIn(frames: readonly Buffer[], length: number): number {
  let [whole, at] = [0, 0];
  for (const frame of frames) {
    at += frame.length;
    if (at <= length) whole += 1;
  }
  return whole;
}

describe('a connection may be lost at any byte', () => {
  test('of its upgrade: nothing has been said', async () => {
    const listener = new Listener('listener');
    const self = node.spawn(listener);
    const head = upgradeOf();
    for (let cut = 0; cut < head.length; cut += 1) {
      const socket = await connected(upgradeOf().subarray(0, cut));
      socket.destroy();
    }
    // Whole, it is heard: the node has outlived all of them.
    const address = nextPeer();
    const heard = listener.next;
    const socket = await connected(
      Buffer.concat([
        upgradeOf({ 'libprocess-from': address }),
        ...framesOf(self, address).slice(0, 1),
      ]),
    );
    await heard;
    expect(listener.heard).toEqual(['one']);
    socket.destroy();
    node.terminate(self);
    await node.wait(self);
  });

  test.each<[string, (socket: net.Socket) => void]>([
    ['ended', (socket) => socket.destroy()],
    ['reset', (socket) => socket.resetAndDestroy()],
  ])(
    'of a frame: what was whole is heard in order, the rest is not, and the end is told once (%s)',
    async (_how, lose) => {
      const listener = new Listener('listener');
      const self = node.spawn(listener);
      const length = Buffer.concat(framesOf(self, '127.0.0.1:10000')).length;
      for (let cut = 1; cut <= length; cut += 1) {
        const address = nextPeer();
        const frames = framesOf(self, address);
        const whole = wholeIn(frames, cut);
        listener.heard.length = 0;
        listener.ends.length = 0;
        const socket = await connected(
          Buffer.concat([
            upgradeOf({ 'libprocess-from': address }),
            Buffer.concat(frames).subarray(0, cut),
          ]),
        );
        while (listener.heard.length < whole) await listener.next;
        const closed = once(socket, 'close');
        lose(socket);
        while (whole > 0 && listener.ends.length === 0) await listener.next;
        await closed;
        expect(listener.heard).toEqual(TEXTS.slice(0, whole));
        expect(listener.ends).toEqual(whole > 0 ? ['far'] : []);
      }
      node.terminate(self);
      await node.wait(self);
    },
  );
});
