import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BINARY, CLOSE, CONTINUATION, frame, long, PING } from '../../../tests/support/raw-peer.ts';
import { FrameMeter } from './frame-meter.ts';

const OVERHEAD = 512;
const zeros = (count: number): number[] => Array<number>(count).fill(0);
const after = (...pieces: readonly (readonly number[])[]): readonly [number, number] => {
  const meter = new FrameMeter();
  for (const piece of pieces) meter.push(Uint8Array.from(piece));
  return [meter.unfinishedBytes, meter.heldBytes];
};

describe('nothing is unfinished', () => {
  test.each([
    ['before anything has come', []],
    ['after a frame', frame({}, zeros(10))],
    ['after an empty one', frame({})],
    ['after one without a mask', frame({ masked: false }, zeros(10))],
    ['after one that tells its length in two bytes', frame({}, zeros(300))],
    ['after one that tells it in eight', [...frame({ length: long(3n) }), 1, 2, 3]],
    ['after a ping', frame({ opcode: PING }, [1])],
    [
      'after fragments and a ping among them',
      [
        ...frame({ fin: false }, [1]),
        ...frame({ opcode: PING }, [1]),
        ...frame({ opcode: CONTINUATION }, [1]),
      ],
    ],
    ['after a close, whatever follows', [...frame({ opcode: CLOSE }), ...zeros(100)]],
  ])('%s, however it was cut', (_when, bytes) => {
    expect(after(bytes)).toEqual([0, 0]);
    expect(after(...bytes.map((byte) => [byte]))).toEqual([0, 0]);
  });
});

describe('of a message that is not whole', () => {
  test('all that has come is counted, and what holds each piece', () => {
    const bytes = frame({}, zeros(200)).slice(0, -1);
    expect(after(bytes)).toEqual([207, 207 + OVERHEAD]);
    expect(after(bytes.slice(0, 100), bytes.slice(100))).toEqual([207, 207 + 2 * OVERHEAD]);
    expect(after([0x82])).toEqual([1, 1 + OVERHEAD]);
  });

  test('a piece counts whole that has only its beginning', () => {
    const before = frame({}, zeros(1_000));
    expect(after([...before, 0x82])).toEqual([1, before.length + 1 + OVERHEAD]);
    expect(after(before, [0x82])).toEqual([1, 1 + OVERHEAD]);
  });

  test('pings among its fragments are no part of it, and what they pad costs what it is', () => {
    const ping = frame({ opcode: PING }, zeros(125));
    const begun = frame({ fin: false }, [1]);
    const [bytes, held] = after(begun, ping, [...ping, ...ping]);
    expect([bytes, held]).toEqual([begun.length, begun.length + OVERHEAD]);
    const padded = [...frame({ fin: false, opcode: CONTINUATION }, [1]), ...ping];
    expect(after(begun, padded)).toEqual([
      2 * begun.length,
      begun.length + padded.length + 2 * OVERHEAD,
    ]);
  });
});

test('a length beyond numbers takes nothing', () => {
  const [bytes] = after([...frame({ length: long(2n ** 64n - 1n) }), 1, 2, 3]);
  expect(bytes).toBe(17);
});

test('it agrees with who wrote the frames, wherever these are cut', () => {
  const fragment = fc.record({
    length: fc.nat(400),
    fin: fc.boolean(),
    masked: fc.boolean(),
    ping: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(fragment), fc.array(fc.nat(2_000)), (fragments, cuts) => {
      const bytes: number[] = [];
      // At each place, what has come of the present message.
      const unfinished = [0];
      let held = 0;
      let within = false;
      const add = (part: readonly number[], whole: boolean, control = false): void => {
        part.forEach((byte, at) => {
          bytes.push(byte);
          const last = at === part.length - 1;
          held = last && whole ? 0 : held + 1;
          if (last && control) held -= part.length;
          unfinished.push(held);
        });
      };
      for (const { length, fin, masked, ping } of fragments) {
        if (ping) add(frame({ opcode: PING, masked }, [1, 2]), false, true);
        const opcode = within ? CONTINUATION : BINARY;
        add(frame({ fin, opcode, masked }, zeros(length)), fin);
        within = !fin;
      }
      const meter = new FrameMeter();
      let at = 0;
      for (const cut of [...cuts.sort((a, b) => a - b), Infinity]) {
        const to = Math.max(at, Math.min(cut, bytes.length));
        meter.push(Uint8Array.from(bytes.slice(at, to)));
        at = to;
        expect(meter.unfinishedBytes).toBe(unfinished[at]);
      }
    }),
  );
});
