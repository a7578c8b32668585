import { describe, expect, test } from '@jest/globals';
import { PIPE_BYTES_MAX } from './limits.ts';
import { Pipe, PipeError, drain, type PipeReader } from './pipe.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (chunk: Uint8Array | undefined): string | undefined =>
  chunk && new TextDecoder().decode(chunk);
const KIB = 1_024;

/** What a read that has been answered says. */
const now = (reader: PipeReader): string | undefined => {
  const read = reader.read();
  return read.isFailed ? String(read.error) : text(read.value);
};

describe('a pipe', () => {
  test.each([undefined, 'text', [1]])('takes bytes only, not %p', (chunk) => {
    const { writer } = new Pipe();
    expect(() => writer.write(chunk as unknown as Uint8Array)).toThrow(PipeError);
    expect(writer.bufferedBytes).toBe(0);
  });

  test('gives what was written, then its end, also when asked again [be38820]', () => {
    const { reader, writer } = new Pipe();
    const waiting = reader.read();
    expect(writer.write(bytes(''))).toBe(true);
    expect(waiting.isPending).toBe(true);
    writer.write(bytes('hello'));
    expect(text(waiting.value)).toBe('hello');
    writer.write(bytes('world'));
    writer.write(bytes('!'));
    expect(writer.close()).toBe(true);
    expect([now(reader), now(reader), now(reader), now(reader)]).toEqual([
      'world',
      '!',
      undefined,
      undefined,
    ]);
    expect([writer.write(bytes('?')), writer.close()]).toEqual([false, false]);
    expect(reader.close()).toBe(true);
    expect(writer.readerClosed().isDiscarded).toBe(true);
  });

  test('gives what was written, then the failure of its writer [02fe07f]', () => {
    const { reader, writer } = new Pipe();
    writer.write(bytes('hello'));
    expect(writer.fail(new Error('disconnected'))).toBe(true);
    expect([now(reader), now(reader), now(reader)]).toEqual([
      'hello',
      'Error: disconnected',
      'Error: disconnected',
    ]);
    expect([writer.close(), writer.fail(new Error('again'))]).toEqual([false, false]);
    expect(reader.close()).toBe(true);
    expect(writer.readerClosed().isDiscarded).toBe(true);
  });

  test('drops what waits when its reader closes, and tells the writer [d3506c5]', () => {
    const { reader, writer } = new Pipe();
    const closed = writer.readerClosed();
    writer.write(bytes('hello'));
    expect(reader.close()).toBe(true);
    expect(closed.isReady).toBe(true);
    expect(writer.bufferedBytes).toBe(0);
    expect(now(reader)).toMatch('the pipe is closed');
    expect([writer.write(bytes('!')), reader.close(), writer.close()]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('is read to its end in one piece, or fails with its writer [3002742]', () => {
    const { reader, writer } = new Pipe();
    const all = reader.readAll();
    writer.write(bytes('hel'));
    writer.write(bytes('lo'));
    expect(all.isPending).toBe(true);
    writer.close();
    expect(text(all.value)).toBe('hello');
    const broken = new Pipe();
    broken.writer.write(bytes('hel'));
    broken.writer.fail(new Error('broken'));
    expect(String(broken.reader.readAll().error)).toBe('Error: broken');
    const long = new Pipe();
    const limited = long.reader.readAll(4);
    long.writer.write(bytes('hello'));
    expect(limited.error).toMatchObject({ code: 'EMSGSIZE' });
    expect(long.writer.readerClosed().isReady).toBe(true);
  });

  test('holds and gives 64 MiB, and not a byte more', () => {
    const [half, one] = [new Uint8Array(PIPE_BYTES_MAX / 2), new Uint8Array(1)];
    const { reader, writer } = new Pipe();
    expect([writer.write(half), writer.write(half), writer.bufferedBytes]).toEqual([
      true,
      true,
      PIPE_BYTES_MAX,
    ]);
    const all = reader.readAll();
    writer.close();
    expect(all.value).toHaveLength(PIPE_BYTES_MAX);
    const over = new Pipe();
    expect([half, half, one].map((chunk) => over.writer.write(chunk))).toEqual([true, true, false]);
    expect([over.writer.bufferedBytes, over.reader.read().error]).toMatchObject([
      0,
      { code: 'OVERFLOW' },
    ]);
    const long = new Pipe();
    const read = long.reader.readAll();
    for (const chunk of [half, half, one]) long.writer.write(chunk);
    expect(read.error).toMatchObject({ code: 'EMSGSIZE' });
  });

  test('fails waiting reads when either end closes', () => {
    for (const end of ['writer', 'reader'] as const) {
      const { reader, writer } = new Pipe();
      const reads = [reader.read(), reader.read()];
      if (end === 'writer') writer.fail(new Error('gone'));
      else reader.close();
      expect(reads.every((read) => read.isFailed)).toBe(true);
    }
  });

  test('is closed by giving up to read it to its end, which is then discarded', () => {
    const { reader, writer } = new Pipe();
    const all = reader.readAll();
    writer.write(bytes('some'));
    all.discard();
    expect([all.state, writer.readerClosed().isReady]).toEqual(['discarded', true]);
  });

  test('loses nothing by a read that is given up', () => {
    const { reader, writer } = new Pipe();
    const read = reader.read();
    read.discard();
    expect(read.isDiscarded).toBe(true);
    writer.write(bytes('kept'));
    expect(now(reader)).toBe('kept');
  });

  test('asks its writer to wait while much is unread', () => {
    const { reader, writer } = new Pipe();
    expect(writer.drained().isReady).toBe(true);
    for (let n = 0; n < 3; n += 1) writer.write(new Uint8Array(32 * KIB));
    const drained = writer.drained();
    expect(drained.isPending).toBe(true);
    reader.read();
    expect(drained.isPending).toBe(true);
    reader.read();
    expect(drained.isReady).toBe(true);
  });

  test('breaks when its reader does not read', () => {
    const { reader, writer } = new Pipe({ bufferedBytesMax: 10 });
    expect(writer.write(bytes('0123456789'))).toBe(true);
    expect(writer.write(bytes('x'))).toBe(false);
    expect(writer.readerClosed().isReady).toBe(true);
    expect(reader.read().error).toMatchObject({ code: 'OVERFLOW' });
  });

  test('is drained as fast as it is taken, in one turn where there is data', () => {
    const { reader, writer } = new Pipe();
    const got: (string | undefined)[] = [];
    let room = 2;
    const flow = drain(reader, {
      write: (chunk) => {
        got.push(text(chunk));
        room -= 1;
        return room > 0;
      },
      end: () => got.push('<end>'),
      fail: () => got.push('<failed>'),
    });
    for (const each of 'abcd') writer.write(bytes(each));
    writer.close();
    expect(got).toEqual(['a', 'b']);
    room = 10;
    flow.resume();
    expect(got).toEqual(['a', 'b', 'c', 'd', '<end>']);
    flow.resume();
    expect(got).toHaveLength(5);
  });

  test('is a loop to those outside of actors, which closes it when left', async () => {
    const { reader, writer } = new Pipe();
    for (const each of 'abc') writer.write(bytes(each));
    for await (const chunk of reader) if (text(chunk) === 'b') break;
    expect(writer.readerClosed().isReady).toBe(true);
  });
});

test('whoever drains a pipe hears of its end while he can take no more', () => {
  const { reader, writer } = new Pipe({ bufferedBytesMax: 10 });
  const heard: unknown[] = [];
  drain(reader, {
    write: () => false,
    end: () => heard.push('end'),
    fail: (error) => heard.push(error),
  });
  for (let n = 0; n < 3; n += 1) writer.write(bytes('01234567'));
  expect(heard).toEqual([expect.objectContaining({ code: 'OVERFLOW' })]);
});
