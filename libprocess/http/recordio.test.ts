import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RECORD_BYTES_MAX } from './limits.ts';
import { Pipe } from './pipe.ts';
import { encodeRecord, RecordDecoder, RecordError, RecordReader } from './recordio.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (record: Uint8Array | undefined): string | undefined =>
  record && new TextDecoder().decode(record);
const encoded = (...records: string[]): Uint8Array =>
  Buffer.concat(records.map((each) => encodeRecord(bytes(each))));

test('a record travels as its length, a newline and its bytes [9104bed]', () => {
  expect(text(encodeRecord(bytes('')))).toBe('0\n');
  expect(text(encodeRecord(bytes('hello!')))).toBe('6\nhello!');
  expect(text(encodeRecord(bytes('ü')))).toBe('2\nü');
});

describe('a decoder', () => {
  test('gives each record when it is whole, wherever the stream is cut [badb87d]', () => {
    const stream = encoded('hello!', '', 'hello again', '10\n0123456789');
    for (let at = 0; at <= stream.byteLength; at += 1) {
      const decoder = new RecordDecoder();
      const records = [
        ...decoder.decode(stream.subarray(0, at)),
        ...decoder.decode(stream.subarray(at)),
      ];
      expect(records.map(text)).toEqual(['hello!', '', 'hello again', '10\n0123456789']);
      decoder.finish();
    }
  });

  test.each([
    ['\n', 'MALFORMED_RECORD'],
    ['x\n', 'MALFORMED_RECORD'],
    ['-1\n', 'MALFORMED_RECORD'],
    ['+1\n', 'MALFORMED_RECORD'],
    ['1.5\n', 'MALFORMED_RECORD'],
    ['1e3\n', 'MALFORMED_RECORD'],
    ['0x10\n', 'MALFORMED_RECORD'],
    [' 1\n', 'MALFORMED_RECORD'],
    ['1\r\n', 'MALFORMED_RECORD'],
    ['\u00b2\n', 'MALFORMED_RECORD'],
    ['9'.repeat(16), 'MALFORMED_RECORD'],
    ['9'.repeat(100_000), 'MALFORMED_RECORD'],
    ['999999999999999\n', 'RECORD_TOO_LONG'],
    ['101\n', 'RECORD_TOO_LONG'],
  ])('refuses %j, and all that comes after [badb87d]', (stream, code) => {
    const decoder = new RecordDecoder({ recordBytesMax: 100 });
    expect(() => decoder.decode(bytes(stream))).toThrow(expect.objectContaining({ code }));
    expect(() => decoder.decode(encoded('fine'))).toThrow(RecordError);
    expect(() => decoder.finish()).toThrow(RecordError);
  });

  test('gives the records before what is none, and takes one of just the longest', () => {
    const decoder = new RecordDecoder({ recordBytesMax: 100 });
    const longest = 'x'.repeat(100);
    const stream = Buffer.concat([encoded('a', longest), bytes('junk\n')]);
    expect(decoder.decode(stream).map(text)).toEqual(['a', longest]);
    expect(decoder.failure?.message).toMatch("'junk' is no length");
  });

  test('takes a record of 64 MiB, and refuses one of a byte more before any of it has come', () => {
    const decoder = new RecordDecoder();
    const longest = new Uint8Array(RECORD_BYTES_MAX);
    decoder.decode(bytes(`${RECORD_BYTES_MAX}\n`));
    const half = longest.subarray(0, RECORD_BYTES_MAX / 2);
    expect(decoder.decode(half)).toEqual([]);
    expect(decoder.decode(half).map(({ byteLength }) => byteLength)).toEqual([RECORD_BYTES_MAX]);
    expect(() => decoder.decode(bytes(`${RECORD_BYTES_MAX + 1}\n`))).toThrow(
      expect.objectContaining({ code: 'RECORD_TOO_LONG' }),
    );
  });

  test('tells an end within a record from an end', () => {
    for (const cut of ['1', '3\n', '3\nab']) {
      const decoder = new RecordDecoder();
      decoder.decode(bytes(cut));
      expect(() => decoder.finish()).toThrow(expect.objectContaining({ code: 'RECORD_CUT_OFF' }));
    }
  });

  test('takes any records in any pieces', () => {
    const pieces = fc.array(fc.nat(7));
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), pieces, (records, cuts) => {
        const stream = Buffer.concat(records.map(encodeRecord));
        const decoder = new RecordDecoder();
        const got: Uint8Array[] = [];
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          got.push(...decoder.decode(stream.subarray(at, at + cut)));
          at += cut;
        }
        decoder.finish();
        expect(got.map((each) => [...each])).toEqual(records.map((each) => [...each]));
      }),
    );
  });

  test('is harmed by no bytes at all', () => {
    const digits = fc.stringMatching(/^[0-9\n]{0,12}$/).map(bytes);
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.uint8Array(), digits)), (chunks) => {
        const decoder = new RecordDecoder({ recordBytesMax: 1_000 });
        try {
          for (const chunk of chunks) decoder.decode(chunk);
          decoder.finish();
        } catch (error) {
          expect(error).toBeInstanceOf(RecordError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a reader with reads that wait', () => {
  const open = () => {
    const { reader, writer } = new Pipe();
    const records = new RecordReader(reader);
    return { records, writer, reads: [records.read(), records.read(), records.read()] };
  };
  const states = (reads: readonly { readonly isFailed: boolean; readonly isReady: boolean }[]) =>
    reads.map((read) => (read.isReady ? 'ready' : read.isFailed ? 'failed' : 'pending'));

  test('gives records, then the end, also later [a8c1f51]', () => {
    const { records, writer, reads } = open();
    writer.write(encoded('one', 'two').subarray(0, 8));
    expect(text(reads[0]?.value)).toBe('one');
    expect(states(reads)).toEqual(['ready', 'pending', 'pending']);
    writer.write(encoded('one', 'two').subarray(8));
    expect(text(reads[1]?.value)).toBe('two');
    writer.close();
    expect([reads[2]?.value, records.read().value]).toEqual([undefined, undefined]);
  });

  test('gives records before bytes that are none, then fails for ever [35f621d]', () => {
    const { records, writer, reads } = open();
    writer.write(Buffer.concat([encoded('one'), bytes('not a record\n')]));
    expect(text(reads[0]?.value)).toBe('one');
    expect(states(reads)).toEqual(['ready', 'failed', 'failed']);
    expect(records.read().error).toBeInstanceOf(RecordError);
    expect(writer.readerClosed().isReady).toBe(true);
  });

  test('closes the pipe with the first bytes that are none, asked again or not', () => {
    const { reader, writer } = new Pipe();
    const read = new RecordReader(reader).read();
    writer.write(bytes('none\n'));
    expect([read.isFailed, writer.readerClosed().isReady]).toEqual([true, true]);
  });

  test('gives records before the pipe fails, then fails as it did [c862c92]', () => {
    const { records, writer, reads } = open();
    writer.write(encoded('one'));
    writer.fail(new Error('broken'));
    expect(states(reads)).toEqual(['ready', 'failed', 'failed']);
    expect(String(records.read().error)).toBe('Error: broken');
  });

  test('fails at an end within a record', () => {
    const { writer, reads } = open();
    writer.write(bytes('5\nabc'));
    writer.close();
    expect(states(reads)).toEqual(['failed', 'failed', 'failed']);
  });
});
