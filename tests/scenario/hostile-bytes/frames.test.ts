import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Message } from '../../../libprocess/message.ts';
import { FrameDecoder } from '../../../libprocess/transport/frame-decoder.ts';
import { FrameEncoder, OPERATION } from '../../../libprocess/transport/frame-encoder.ts';
import { INTERNED_BYTES_MAX, TEXT_BYTES_MAX } from '../../../libprocess/transport/limits.ts';
import { UPID } from '../../../libprocess/upid.ts';
import { corpus, damage, frugal, unpolluted } from '../../support/hostile-bytes.ts';

const HERE = '10.0.0.1:5050';
const THERE = '10.0.0.2:5051';

const text = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', ''),
  fc.string({ maxLength: 20 }),
);
const record = fc.oneof(
  fc.record({ from: text, to: text, name: text, body: fc.uint8Array({ maxLength: 60 }) }),
  fc.record({ link: text }),
  fc.record({ ended: text }),
);

function framesOf(records: readonly fc.Arbitrary<unknown>[] | readonly unknown[]): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const encoder = new FrameEncoder((frame) => frames.push(frame.slice()));
  for (const each of records as readonly Record<string, string & Uint8Array>[]) {
    if (each['link'] !== undefined) encoder.link(each['link']);
    else if (each['ended'] !== undefined) encoder.ended(each['ended']);
    else {
      const { from = '', to = '', name = '', body = new Uint8Array(0) } = each;
      const head = { name, from: new UPID(from, HERE), to: new UPID(to, THERE) };
      encoder.message(Message.ofBytes(head, body));
    }
  }
  encoder.flush();
  return frames;
}

/** Throws if anything is heard that the peer cannot say. */
function decoderOf(): FrameDecoder {
  return new FrameDecoder(
    { local: THERE, remote: HERE },
    {
      onMessage: (message) => {
        expect([message.from.address, message.to.address]).toEqual([HERE, THERE]);
        expect(message.bytes.length).toBeLessThan(100_000);
      },
      onLink: (id) => expect(typeof id).toBe('string'),
      onEnded: (id) => expect(typeof id).toBe('string'),
    },
  );
}

describe('frames from a hostile peer', () => {
  test('that were right, and were changed, are heard or end the link [X19]', () => {
    unpolluted(() =>
      fc.assert(
        fc.property(
          fc.array(record, { minLength: 1, maxLength: 30 }),
          fc.array(damage, { minLength: 10, maxLength: 10 }),
          (records, damages) => {
            const frames = framesOf(records);
            for (const each of damages) {
              const decoder = decoderOf();
              for (const frame of frames) if (decoder.decode(each(frame)) !== undefined) break;
            }
          },
        ),
        { numRuns: 300 },
      ),
    );
  });

  test.each(corpus('frames'))('that hold $what end the link', ({ bytes }) => {
    const decoder = decoderOf();
    expect(frugal(() => unpolluted(() => decoder.decode(bytes)))).toEqual(expect.any(String));
  });

  test('cannot have more texts remembered than is said', () => {
    const decoder = decoderOf();
    const define = Uint8Array.from([
      0x81,
      0x20,
      OPERATION.text,
      ...Array<number>(TEXT_BYTES_MAX).fill(97),
    ]);
    let texts = 0;
    while (decoder.decode(define) === undefined) texts += 1;
    expect(texts * TEXT_BYTES_MAX).toBe(INTERNED_BYTES_MAX);
  });
});
