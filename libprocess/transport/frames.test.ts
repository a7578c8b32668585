import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Message } from '../message.ts';
import { UPID } from '../upid.ts';
import { FrameDecoder } from './frame-decoder.ts';
import { FrameEncoder, OPERATION } from './frame-encoder.ts';
import {
  BATCH_BYTES_MAX,
  FRAME_BYTES_MAX,
  INTERNED_TEXTS_MAX,
  MESSAGE_BYTES_MAX,
  TEXT_BYTES_MAX,
} from './limits.ts';

const HERE = '10.0.0.1:5050';
const THERE = '10.0.0.2:5051';

interface Heard {
  readonly kind: 'message' | 'link' | 'ended' | 'failed';
  readonly text: string;
  readonly body?: string;
}

function writer(): { frames: Uint8Array[]; counts: number[]; encoder: FrameEncoder } {
  const frames: Uint8Array[] = [];
  const counts: number[] = [];
  const encoder = new FrameEncoder((frame, messages) => {
    frames.push(frame);
    counts.push(messages);
  });
  return { frames, counts, encoder };
}

function reader(): { heard: Heard[]; decoder: FrameDecoder } {
  const heard: Heard[] = [];
  const decoder = new FrameDecoder(
    { local: THERE, remote: HERE },
    {
      onMessage: ({ name, from, to, bytes }) => {
        const body = Buffer.from(bytes).toString('hex');
        heard.push({ kind: 'message', text: `${from.toString()} ${to.toString()} ${name}`, body });
      },
      onLink: (id) => heard.push({ kind: 'link', text: id }),
      onEnded: (id, reason) => heard.push({ kind: reason, text: id }),
    },
  );
  return { heard, decoder };
}

const message = (
  head: { from?: string; to?: string; name?: string },
  body: Uint8Array,
): Message => {
  const { from = 'a', to = 'b', name = 'n' } = head;
  return Message.ofBytes({ name, from: new UPID(from, HERE), to: new UPID(to, THERE) }, body);
};

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const body = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(32_768, 32_769, 100_000).map((size) => new Uint8Array(size).fill(7)),
);
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('message' as const),
      from: text,
      to: text,
      name: text,
      body,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('link' as const, 'ended' as const, 'failed' as const),
      id: text,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
);

describe('frames', () => {
  test('carry any messages and control records, whole and in order', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { frames, encoder } = writer();
        const expected: Heard[] = [];
        for (const each of actions) {
          if (each.kind === 'flush') encoder.flush();
          else if (each.kind === 'message') {
            encoder.message(message(each, each.body));
            expected.push({
              kind: 'message',
              text: `${each.from}@${HERE} ${each.to}@${THERE} ${each.name}`,
              body: Buffer.from(each.body).toString('hex'),
            });
          } else {
            if (each.kind === 'link') encoder.link(each.id);
            else encoder.ended(each.id, each.kind);
            expected.push({ kind: each.kind, text: each.id });
          }
        }
        encoder.flush();
        const { heard, decoder } = reader();
        for (const frame of frames) expect(decoder.decode(frame)).toBeUndefined();
        expect(heard).toEqual(expected);
      }),
    );
  });

  test('tell of a failure where an older node reads only of an end, and the other way round', () => {
    const written = (reason: 'ended' | 'failed'): number[] => {
      const { frames, encoder } = writer();
      encoder.ended('a', reason);
      encoder.flush();
      return [...(frames[0] ?? [])];
    };
    const heardIn = (...bytes: readonly number[]): Heard[] => {
      const { heard, decoder } = reader();
      expect(decoder.decode(Uint8Array.from(bytes))).toBeUndefined();
      return heard;
    };
    const text = [2, 1, 97];
    // Without a reason, as before there were any.
    expect(written('ended')).toEqual([...text, 2, 4, 0]);
    expect(written('failed')).toEqual([...text, 3, 4, 0, 1]);
    expect(heardIn(...text, 2, 4, 0)).toEqual([{ kind: 'ended', text: 'a' }]);
    expect(heardIn(...text, 3, 4, 0, 1)).toEqual([{ kind: 'failed', text: 'a' }]);
    // Of later nodes.
    expect(heardIn(...text, 3, 4, 0, 9)).toEqual([{ kind: 'ended', text: 'a' }]);
    expect(heardIn(...text, 5, 4, 0, 1, 7, 7)).toEqual([{ kind: 'failed', text: 'a' }]);
  });

  test('are full at 64 KiB, and a long body travels alone', () => {
    const { frames, counts, encoder } = writer();
    for (let i = 0; i < 1_000; i += 1) encoder.message(message({}, new Uint8Array(100)));
    encoder.message(message({}, new Uint8Array(50_000)));
    encoder.message(message({}, new Uint8Array(1)));
    encoder.flush();
    expect(counts.reduce((sum, count) => sum + count)).toBe(1_002);
    expect(counts.slice(-2)).toEqual([1, 1]);
    expect(Math.max(...frames.slice(0, -2).map((frame) => frame.length))).toBeLessThan(
      BATCH_BYTES_MAX + 200,
    );
  });

  test('give the trace of a message that is skipped to no other', () => {
    const { frames, encoder } = writer();
    const traced = message({}, new Uint8Array(0));
    traced.trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
    encoder.message(traced);
    encoder.flush();
    const [frame = new Uint8Array(1)] = frames;
    frame[frame.length - 1] = 99; // The codec of its body: one that nobody knows.
    encoder.message(message({}, new Uint8Array(0)));
    encoder.flush();
    const traces: (Message['trace'] | 'none')[] = [];
    const decoder = new FrameDecoder(
      { local: THERE, remote: HERE },
      {
        onMessage: ({ trace }) => traces.push(trace ?? 'none'),
        onLink: () => undefined,
        onEnded: () => undefined,
      },
    );
    for (const frame of frames) expect(decoder.decode(frame)).toBeUndefined();
    expect([decoder.skipped, traces]).toEqual([1, ['none']]);
  });

  test('name a process once, then by number', () => {
    const { frames, encoder } = writer();
    encoder.message(message({ name: 'n'.repeat(1_000) }, new Uint8Array(0)));
    encoder.flush();
    encoder.message(message({ name: 'n'.repeat(1_000) }, new Uint8Array(0)));
    encoder.flush();
    expect(frames[1]?.length).toBe(6);
  });

  test('start their table of names afresh when it is full', () => {
    const { frames, encoder } = writer();
    const { heard, decoder } = reader();
    const total = INTERNED_TEXTS_MAX + 10;
    for (let i = 0; i < total; i += 1) encoder.link(`process-${i}`);
    encoder.link('process-0');
    encoder.flush();
    for (const frame of frames) expect(decoder.decode(frame)).toBeUndefined();
    expect(heard).toHaveLength(total + 1);
    expect(heard.at(-1)?.text).toBe('process-0');
    expect(heard.at(-2)?.text).toBe(`process-${total - 1}`);
  });

  test('take a message at all of its limits, in a frame within that of frames', () => {
    const { frames, encoder } = writer();
    const { heard, decoder } = reader();
    const head = { from: 'f', to: 't', name: 'n' };
    for (const [key, text] of Object.entries(head))
      Object.assign(head, { [key]: text.repeat(TEXT_BYTES_MAX) });
    const longest = message(head, new Uint8Array(MESSAGE_BYTES_MAX));
    longest.trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
    expect(encoder.message(longest)).toBe(true);
    encoder.flush();
    for (const frame of frames) {
      expect(frame.length).toBeLessThanOrEqual(FRAME_BYTES_MAX);
      expect(decoder.decode(frame)).toBeUndefined();
    }
    expect(heard.map(({ body }) => body?.length)).toEqual([2 * MESSAGE_BYTES_MAX]);
  });

  test('take no message above the limits', () => {
    const { encoder } = writer();
    expect(encoder.message(message({}, new Uint8Array(MESSAGE_BYTES_MAX + 1)))).toBe(false);
    expect(
      encoder.message(message({ to: 'x'.repeat(TEXT_BYTES_MAX + 1) }, new Uint8Array(0))),
    ).toBe(false);
    expect(encoder.message(message({ name: 'é'.repeat(2_049) }, new Uint8Array(1)))).toBe(false);
    expect(encoder.message(message({ name: 'é'.repeat(2_048) }, new Uint8Array(1)))).toBe(true);
  });
});

describe('a frame from a hostile peer', () => {
  test('of any bytes neither throws nor is believed beyond its end', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (frames) => {
        const { decoder } = reader();
        for (const frame of frames) decoder.decode(frame);
      }),
      { numRuns: 2_000 },
    );
  });

  test('that was cut or changed anywhere neither throws nor names a third node', () => {
    const { frames, encoder } = writer();
    encoder.link('watched');
    for (let i = 0; i < 5; i += 1) encoder.message(message({ to: `p${i}` }, new Uint8Array(i)));
    encoder.flush();
    const frame = frames[0] ?? new Uint8Array(0);
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const mutated = frame.slice();
        mutated[at] = byte;
        const { heard, decoder } = reader();
        decoder.decode(cut ? mutated.subarray(0, at) : mutated);
        const messages = heard.filter(({ kind }) => kind === 'message');
        for (const each of messages) expect(each.text).toContain(`@${HERE} `);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['a record longer than its frame', [0x80, 0x80, 0x80, 0x04, OPERATION.message]],
    ['a record without an end', [0xff, 0xff, 0xff, 0xff, 0xff]],
    ['an empty record', [0]],
    ['a number that was never defined', [5, OPERATION.message, 0, 0, 0, 0]],
    ['a text that is not UTF-8', [2, OPERATION.text, 0xff]],
    ['a link to nothing', [2, OPERATION.link, 9]],
  ])('with %s ends the link', (_what, bytes) => {
    const { heard, decoder } = reader();
    expect(decoder.decode(Uint8Array.from(bytes))).toEqual(expect.any(String));
    expect(heard).toEqual([]);
  });

  test('of a newer protocol is skipped where it is not understood', () => {
    const { heard, decoder } = reader();
    const texts = [2, OPERATION.text, 97];
    const otherCodec = [5, OPERATION.message, 0, 0, 0, 9];
    const known = [6, OPERATION.message, 0, 0, 0, 0, 1];
    expect(decoder.decode(Uint8Array.from([2, 77, 1, ...texts, ...otherCodec, ...known]))).toBe(
      undefined,
    );
    expect(decoder.skipped).toBe(2);
    expect(heard).toEqual([{ kind: 'message', text: `a@${HERE} a@${THERE} a`, body: '01' }]);
  });
});
