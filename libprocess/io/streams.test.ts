import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytes, rejection, text } from '../../tests/conformance/subject.ts';
import { RuntimeError } from '../errors.ts';
import type { Future } from '../future.ts';
import { readAll, redirect } from './redirect.ts';
import { SINK_WAITING_BYTES_MAX, SinkQueue, type SinkDrain } from './sink-queue.ts';
import { READS_WAITING_MAX, SOURCE_BYTES_HIGH, SourceBuffer } from './source-buffer.ts';

function feed(): { source: SourceBuffer; calls: string[] } {
  const calls: string[] = [];
  const call = (name: string) => (): void => void calls.push(name);
  const source = new SourceBuffer({
    pause: call('pause'),
    resume: call('resume'),
    close: call('close'),
  });
  return { source, calls };
}

const textOf = (future: Future<Uint8Array>): string => text(future.value);

describe('a source', () => {
  test('gives what is there, up to what is asked for, and waits when there is nothing [1aec362]', () => {
    const { source } = feed();
    const [first, second] = [source.read(2), source.read()];
    source.push(bytes('abc'));
    source.push(bytes('def'));
    expect([textOf(first), textOf(second), textOf(source.read())]).toEqual(['ab', 'c', 'def']);
    source.end();
    expect(source.read().value).toHaveLength(0);
    expect(source.read().value).toHaveLength(0);
  });

  test('lets one look at what comes without taking it, and says when there is something [b687798]', () => {
    const { source } = feed();
    const ready = source.poll();
    expect(ready.isPending).toBe(true);
    source.push(bytes('abc'));
    expect(ready.isReady).toBe(true);
    expect(textOf(source.peek(2))).toBe('ab');
    expect(textOf(source.read())).toBe('abc');
    const end = source.poll();
    source.end();
    expect(end.isReady).toBe(true);
  });

  test('takes nothing for a read that was discarded', () => {
    const { source } = feed();
    const [gone, next] = [source.read(), source.read()];
    expect(gone.discard()).toBe(true);
    expect(gone.isDiscarded).toBe(true);
    source.push(bytes('abc'));
    expect(textOf(next)).toBe('abc');
  });

  test('gives all that came before an error, and then the error', () => {
    const { source } = feed();
    source.push(bytes('abc'));
    const error = new RuntimeError('EIO', 'broken');
    source.end(error);
    expect(textOf(source.read())).toBe('abc');
    expect(source.read().error).toBe(error);
  });

  test('holds its writer back while much of it waits', () => {
    const { source, calls } = feed();
    source.push(new Uint8Array(SOURCE_BYTES_HIGH - 1));
    expect(calls).toEqual([]);
    source.push(new Uint8Array(1));
    source.push(new Uint8Array(1));
    expect(calls).toEqual(['pause']);
    source.read(1);
    expect(calls).toEqual(['pause']);
    source.read(1);
    expect(calls).toEqual(['pause', 'resume']);
  });

  test('that is closed discards who waits, and ends', () => {
    const { source, calls } = feed();
    const waiting = source.read();
    source.close();
    source.close();
    source.push(bytes('late'));
    expect(calls).toEqual(['close']);
    expect(waiting.isDiscarded).toBe(true);
    expect(source.read().value).toHaveLength(0);
  });

  test('refuses reads of nothing, and more of them than its limit', () => {
    const { source } = feed();
    expect(source.read(0).error).toMatchObject({ code: 'EINVAL' });
    for (let reads = 0; reads < READS_WAITING_MAX; reads += 1) source.read();
    expect(source.read().error).toMatchObject({ code: 'SOURCE_BUSY' });
  });

  test('gives any pieces back whole and in order, however they are read [e0ef495]', () => {
    const piece = fc.uint8Array({ minLength: 1, maxLength: 30_000 });
    const step = fc.oneof(piece, fc.integer({ min: 1, max: 40_000 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { source } = feed();
        const written: number[] = [];
        const read: Future<Uint8Array>[] = [];
        for (const each of steps) {
          if (typeof each === 'number') read.push(source.read(each));
          else {
            source.push(each);
            for (const byte of each) written.push(byte);
          }
        }
        source.end();
        while (source.size > 0) read.push(source.read());
        expect(Buffer.concat(read.map((each) => each.value)).equals(Buffer.from(written))).toBe(
          true,
        );
      }),
    );
  });
});

interface Held {
  readonly written: string[];
  readonly sink: SinkQueue;
  /** Answers the oldest call. */
  done(error?: Error): void;
}

function held(): Held {
  const written: string[] = [];
  const waiting: ((error?: Error) => void)[] = [];
  const drain: SinkDrain = {
    write: (data, done) => {
      written.push(text(data));
      waiting.push(done);
    },
    end: (done) => {
      written.push('end');
      waiting.push(done);
    },
    close: () => void written.push('close'),
  };
  return { written, sink: new SinkQueue(drain), done: (error) => waiting.shift()?.(error) };
}

describe('a sink', () => {
  test('writes one piece after another, and says when each is taken [ccca93a]', () => {
    const { sink, written, done } = held();
    const [one, two, end] = [sink.write(bytes('one')), sink.write(bytes('two')), sink.end()];
    expect(written).toEqual(['one']);
    done();
    expect([one.isReady, two.isPending]).toEqual([true, true]);
    done();
    expect(written).toEqual(['one', 'two', 'end']);
    done();
    expect([two.isReady, end.isReady]).toEqual([true, true]);
    expect(sink.write(bytes('late')).error).toMatchObject({ code: 'EPIPE' });
  });

  test('says when a write would begin at once [fc0967a]', () => {
    const { sink, done } = held();
    expect(sink.drained().isReady).toBe(true);
    sink.write(bytes('one'));
    const drained = sink.drained();
    expect(drained.isPending).toBe(true);
    done();
    expect(drained.isReady).toBe(true);
  });

  test('leaves out what is discarded before it has begun, and nothing else [070cef9]', () => {
    const { sink, written, done } = held();
    const futures = ['one', 'two', 'three'].map((each) => sink.write(bytes(each)));
    futures[0]?.discard();
    futures[1]?.discard();
    done();
    done();
    expect(written).toEqual(['one', 'three']);
    expect(futures.map(({ state }) => state)).toEqual(['ready', 'discarded', 'ready']);
  });

  test('that breaks fails all that waits, and what comes later', () => {
    const { sink, done } = held();
    const [one, two, end] = [sink.write(bytes('one')), sink.write(bytes('two')), sink.end()];
    const error = new RuntimeError('EPIPE', 'broken pipe');
    done(error);
    expect([one.error, two.error, end.isReady]).toEqual([error, error, true]);
    expect(sink.drained().error).toBe(error);
  });

  test('takes no more than its limit', () => {
    const { sink, done } = held();
    const half = new Uint8Array(SINK_WAITING_BYTES_MAX / 2);
    for (let pieces = 0; pieces < 3; pieces += 1) expect(sink.write(half).isPending).toBe(true);
    expect(sink.write(bytes('x')).error).toMatchObject({ code: 'SINK_FULL' });
    done();
    expect(sink.write(bytes('x')).isPending).toBe(true);
  });

  test('that is closed discards what waits', () => {
    const { sink, written } = held();
    const futures = [sink.write(bytes('one')), sink.write(bytes('two'))];
    sink.close();
    expect(futures.every(({ isDiscarded }) => isDiscarded)).toBe(true);
    expect(written).toEqual(['one', 'close']);
  });
});

describe('a redirection', () => {
  test('copies to the end, shows its hooks each chunk first, and reads no faster than is written [9680196]', () => {
    const { source } = feed();
    const { sink, written, done } = held();
    const seen: string[] = [];
    const hooks = [(data: Uint8Array) => void seen.push(text(data))];
    const copied = redirect(source, sink, { chunkBytes: 4, hooks });
    source.push(bytes('abcdef'));
    source.end();
    expect([seen, written, source.size]).toEqual([['abcd'], ['abcd'], 2]);
    done();
    done();
    expect([seen, copied.isReady]).toEqual([['abcd', 'ef'], true]);
  });

  test('that is discarded has written all that it has read', () => {
    const { source } = feed();
    const { sink, written, done } = held();
    sink.write(bytes('busy'));
    const copied = redirect(source, sink);
    source.push(bytes('one'));
    copied.discard();
    source.push(bytes('two'));
    done();
    done();
    expect(written).toEqual(['busy', 'one']);
    expect([copied.isDiscarded, textOf(source.read())]).toEqual([true, 'two']);
  });

  test('fails when a hook throws or the sink breaks', async () => {
    const broken = feed().source;
    const fails = redirect(broken, undefined, {
      hooks: [
        () => {
          throw new RangeError('too much');
        },
      ],
    });
    broken.push(bytes('x'));
    expect(await rejection(fails)).toBeInstanceOf(RangeError);
    const { source } = feed();
    const { sink, done } = held();
    const copied = redirect(source, sink);
    source.push(bytes('x'));
    done(new RuntimeError('EPIPE', 'broken pipe'));
    expect(await rejection(copied)).toMatchObject({ code: 'EPIPE' });
  });

  test('into memory stops at its limit', () => {
    const { source } = feed();
    const all = readAll(source, 5);
    source.push(bytes('abc'));
    source.push(bytes('def'));
    expect(all.error).toMatchObject({ code: 'TOO_LONG' });
  });
});
