import { describe, expect, test } from '@jest/globals';
import { TaskID } from '../../proto/index.ts';
import { DamagedRecordError, decodeRecord, decodeRecords, encodeRecord } from './records.ts';

const ids = Array.from({ length: 100 }, (_, n) => ({ value: `task-${n}` }));
const file = Buffer.concat(ids.map((id) => encodeRecord(TaskID, id)));

describe('a file of records', () => {
  test('gives what was written, in order [54b91fb]', () => {
    expect(decodeRecords(TaskID, file)).toEqual({ records: ids, wholeBytes: file.length });
    expect([...file.subarray(0, 10)]).toEqual([8, 0, 0, 0, 0x0a, 6, ...Buffer.from('task')]);
  });

  test('cut anywhere gives the whole records before the cut [54b91fb]', () => {
    for (let cut = 0; cut < 200; cut += 1) {
      const { records, wholeBytes } = decodeRecords(TaskID, file.subarray(0, cut));
      expect(records).toEqual(ids.slice(0, records.length));
      expect(wholeBytes).toBeLessThanOrEqual(cut);
      expect(decodeRecords(TaskID, file.subarray(0, wholeBytes)).records).toEqual(records);
    }
  });

  test('refuses a whole record that is no message', () => {
    const bad = Uint8Array.of(2, 0, 0, 0, 0xff, 0xff);
    expect(() => decodeRecords(TaskID, bad)).toThrow(DamagedRecordError);
  });

  test('of one record must hold one', () => {
    expect(() => decodeRecord(TaskID, file.subarray(0, 5))).toThrow('mesos.TaskID is cut short');
    expect(decodeRecord(TaskID, file)).toEqual(ids[0]);
  });
});
