import { describe, expect, test } from '@jest/globals';

import {
  CommandInfo,
  ContainerID,
  FrameworkInfo,
  HealthCheck,
  MalformedMessageError,
  Offer,
  RunTaskMessage,
  StatusUpdateMessage,
  TaskInfo,
  TaskStatus,
  TimeInfo,
  UUID,
  ValueRange,
  scheduler,
  unknownFieldsSkipped,
  type WireType,
} from '../index.ts';

const bytes = (...parts: (number | string | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === 'number'
        ? [part]
        : [...(typeof part === 'string' ? Buffer.from(part) : part)],
    ),
  );

/** A length-delimited field with a number below 16. */
const field = (number: number, ...parts: (number | string | Uint8Array)[]): Uint8Array => {
  const body = bytes(...parts);
  const length =
    body.length < 0x80 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
  return bytes(number * 8 + 2, Uint8Array.from(length), body);
};

const TASK_STATUS = bytes(field(1, field(1, 't')), 16, 1);
const TASK_INFO = bytes(field(1, 'n'), field(2, field(1, 't')), field(3, field(1, 's')));

describe('bytes that are no message', () => {
  test.each<[string, WireType<unknown>, Uint8Array, string]>([
    ['a tag cut short', TaskStatus, bytes(0x8a), 'index out of range'],
    [
      'a length without its bytes',
      TaskStatus,
      bytes(0x0a, 5, 1),
      'claims 5 bytes where 1 are left',
    ],
    [
      'a length of 2 GB',
      UUID,
      bytes(0x0a, 0xff, 0xff, 0xff, 0xff, 0x07),
      'claims 2147483647 bytes',
    ],
    [
      'an unknown field of 2 GB',
      UUID,
      bytes(0x7a, 0xff, 0xff, 0xff, 0xff, 0x07),
      'claims 2147483647',
    ],
    [
      'an inner message longer than the outer',
      TaskStatus,
      bytes(0x0a, 2, 0x0a, 9, 't'),
      'claims 9 bytes',
    ],
    [
      'an endless number',
      TimeInfo,
      bytes(8, ...Array<number>(11).fill(0xff)),
      'longer than ten bytes',
    ],
    ['a number cut short', TimeInfo, bytes(8, 0x80), 'cut short'],
    ['a double cut short', TaskStatus, bytes(0x31, 1, 2, 3), 'index out of range'],
    ['field number 0', UUID, bytes(0, 0), 'Field number 0'],
    ['an impossible wire type', UUID, bytes(0x0f), 'Wire type 7'],
    ['the end of a group that never began', UUID, bytes(0x0c), 'Wire type 4'],
    ['a group without end', UUID, bytes(0x1b, 8, 1), 'index out of range'],
    [
      'groups nested without end',
      UUID,
      bytes(...Array<number>(10_000).fill(0x1b)),
      'deeper than 100',
    ],
    [
      'no required field',
      TaskStatus,
      field(1, field(1, 't')),
      'required field mesos.TaskStatus.state',
    ],
    [
      'no required field inside',
      TaskStatus,
      bytes(field(1), 16, 1),
      'required field mesos.TaskID.value',
    ],
    [
      'an unknown value of a required enum',
      TaskStatus,
      bytes(field(1, field(1, 't')), 16, 99),
      'mesos.TaskStatus.state',
    ],
    [
      'a wrong wire type of a required field',
      TimeInfo,
      field(1, 'x'),
      'mesos.TimeInfo.nanoseconds',
    ],
    [
      'a number that a number cannot hold',
      ValueRange,
      bytes(8, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10, 16, 1),
      'beyond the range',
    ],
  ])('%s', (_, type, body, reason) => {
    const decode = (): unknown => type.decode(body);
    expect(decode).toThrow(MalformedMessageError);
    expect(decode).toThrow(reason);
  });

  test('every prefix of a message is either refused or a smaller message', () => {
    const whole = RunTaskMessage.encode(RUN_TASK);
    let refused = 0;
    for (let length = 0; length < whole.length; length += 1) {
      try {
        RunTaskMessage.decode(whole.subarray(0, length));
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedMessageError);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(whole.length * 0.9);
  });

  test('messages nested without end', () => {
    let nested = field(1, 'c');
    for (let depth = 0; depth < 110; depth += 1) nested = bytes(field(1, 'c'), field(2, nested));
    expect(() => ContainerID.decode(nested)).toThrow('nested deeper than 100');
  });
});

const RUN_TASK: RunTaskMessage = {
  framework: { user: 'root', name: 'Ünïcode ☃ 𝄞', id: { value: 'f' }, roles: ['a', 'b'] },
  task: {
    name: 'a task',
    task_id: { value: 't' },
    slave_id: { value: 's' },
    resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } }],
    command: { shell: false, value: 'true', arguments: ['', 'x'.repeat(300)] },
    limits: { cpus: { value: 3 }, mem: { value: Infinity } },
    max_completion_time: { nanoseconds: -1n },
  },
  launch_executor: true,
};

describe('a message', () => {
  test('comes back as it went out, from any kind of byte array', () => {
    const encoded = RunTaskMessage.encode(RUN_TASK);
    const padded = new Uint8Array([9, ...encoded, 9]);
    expect(RunTaskMessage.decode(encoded)).toEqual(RUN_TASK);
    expect(RunTaskMessage.decode(Uint8Array.from(encoded))).toEqual(RUN_TASK);
    expect(RunTaskMessage.decode(padded.subarray(1, -1))).toEqual(RUN_TASK);
  });

  test('holds no part of the buffer that it was read from', () => {
    const body = Uint8Array.from(UUID.encode({ value: new Uint8Array(16).fill(7) }));
    const { value } = UUID.decode(body);
    body.fill(0);
    expect(value).toStrictEqual(new Uint8Array(16).fill(7));
    expect(value.buffer.byteLength).toBe(16);
  });

  test('an absent field is absent, not undefined, and a default is not filled in', () => {
    expect(CommandInfo.decode(bytes())).toStrictEqual({});
    expect(Object.keys(FrameworkInfo.decode(bytes(field(1, 'u'), field(2, 'n'))))).toEqual([
      'user',
      'name',
    ]);
  });

  test('of a field that comes twice the last one counts, and messages are merged', () => {
    const body = bytes(
      field(1, field(1, 'first')),
      16,
      1,
      field(12, field(1, field(1, 'k'))),
      field(12, field(1, field(1, 'l'))),
      field(4, 'first'),
      field(1, field(1, 'last')),
      field(4, 'last'),
    );
    expect(TaskStatus.decode(body)).toStrictEqual({
      task_id: { value: 'last' },
      state: 'TASK_RUNNING',
      message: 'last',
      labels: { labels: [{ key: 'k' }, { key: 'l' }] },
    });
  });

  test('a singular field that comes thousands of times is refused, not merged for minutes', () => {
    const label = field(12, field(1, field(1, 'key')));
    const body = Buffer.concat([TASK_STATUS, ...Array<Uint8Array>(50_000).fill(label)]);
    expect(() => TaskStatus.decode(body)).toThrow('comes too often');
  });

  test('of a oneof the last one counts', () => {
    const body = bytes(field(1), field(2, field(1, 'x')), field(1));
    expect(scheduler.AttributeConstraintPredicate.decode(body)).toStrictEqual({ exists: {} });
  });

  test('repeated numbers are read packed or not', () => {
    const unpacked = bytes(8, 80, 32, 200, 1, 32, 201, 1);
    const packed = bytes(8, 80, field(4, 200, 1, 201, 1));
    const http = { port: 80, statuses: [200, 201] };
    expect(HealthCheck.decode(field(1, unpacked))).toStrictEqual({ http });
    expect(HealthCheck.decode(field(1, packed))).toStrictEqual({ http });
    expect(hex(HealthCheck.encode({ http }))).toBe(hex(field(1, unpacked)));
  });

  test('an unknown value of an optional enum is absent and counted', () => {
    const before = unknownFieldsSkipped();
    expect(TaskStatus.decode(bytes(TASK_STATUS, 72, 99))).toStrictEqual({
      task_id: { value: 't' },
      state: 'TASK_RUNNING',
    });
    expect(unknownFieldsSkipped()).toBe(before + 1);
  });

  test('keys of maps are only keys', () => {
    const limits = field(15, field(1, '__proto__'), field(2, 9, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f));
    const task = TaskInfo.decode(bytes(TASK_INFO, limits));
    expect(Object.entries(task.limits ?? {})).toStrictEqual([['__proto__', { value: 1 }]]);
    expect(({} as { value?: unknown }).value).toBeUndefined();
    expect(hex(TaskInfo.encode(task))).toBe(hex(bytes(TASK_INFO, limits)));
  });

  test('a map entry without a key has the empty one, without a required value none', () => {
    const entry = field(15, field(2, 9, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f));
    expect(TaskInfo.decode(bytes(TASK_INFO, entry)).limits).toEqual({ '': { value: 1 } });
    expect(() => TaskInfo.decode(bytes(TASK_INFO, field(15, field(1, 'k'))))).toThrow(
      'mesos.Value.Scalar.value',
    );
  });

  test.each(['\ud800', 'x'.repeat(50) + '\udfff', 'a\udc00\ud83dz', 'ü\ud800'])(
    'half of a surrogate pair is sent as U+FFFD, in short and long text',
    (text) => {
      const sent = ContainerID.decode(ContainerID.encode({ value: text })).value;
      expect(sent).toBe(text.replace(/\p{Surrogate}/gu, '\ufffd'));
    },
  );

  test('invalid UTF-8 is read as U+FFFD, in short and long text', () => {
    for (const tail of ['', 'x'.repeat(40)]) {
      const { value } = ContainerID.decode(bytes(field(1, 'a', 0xff, tail)));
      expect(value).toBe(`a\ufffd${tail}`);
    }
  });

  test.each([0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 1795164942564284161n])(
    'the 64-bit integer %p is exact',
    (nanoseconds) => {
      expect(TimeInfo.decode(TimeInfo.encode({ nanoseconds }))).toStrictEqual({ nanoseconds });
    },
  );

  test('an integer of more than 64 bits is refused when it is sent', () => {
    for (const nanoseconds of [2n ** 64n, -(2n ** 63n) - 1n]) {
      expect(() => TimeInfo.encode({ nanoseconds })).toThrow('is not a 64-bit integer');
    }
  });

  test('a name that no enum has is refused when it is sent', () => {
    const state = 'TASK_BOGUS' as 'TASK_LOST';
    expect(() => TaskStatus.encode({ task_id: { value: 't' }, state })).toThrow(
      "'TASK_BOGUS' is not a value of mesos.TaskState",
    );
    // The next message is not the worse for it.
    expect(hex(TaskStatus.encode({ task_id: { value: 't' }, state: 'TASK_RUNNING' }))).toBe(
      hex(TASK_STATUS),
    );
  });
});

describe('a task with fields of a later version', () => {
  const later = bytes(field(14, 8, 1), 0xa5, 0x06, 1, 2, 3, 4);
  const inner = bytes(field(3, 'cmd'), field(9, 'later'));
  const body = bytes(later, TASK_INFO, field(7, inner));

  test('is forwarded with them, as the bytes that it came in', () => {
    const task = TaskInfo.decode(body);
    expect(task).toMatchObject({
      name: 'n',
      task_id: { value: 't' },
      slave_id: { value: 's' },
      max_completion_time: { nanoseconds: 1n },
      command: { value: 'cmd' },
    });
    const message: RunTaskMessage = { framework: { user: 'u', name: 'n' }, task };
    const sent = Buffer.from(RunTaskMessage.encode(message));
    expect(sent.includes(Buffer.from(body))).toBe(true);
  });

  test('is read in time proportional to their number', () => {
    const many = Buffer.concat([TASK_INFO, Buffer.from('f87f01'.repeat(200_000), 'hex')]);
    const task = TaskInfo.decode(many);
    expect(TaskInfo.encode({ ...task })).toHaveLength(many.length);
  });

  test('keeps them when it is changed', () => {
    const task = TaskInfo.decode(body);
    const changed = TaskInfo.encode({ ...task, name: 'other' });
    expect(Buffer.from(changed).includes(Buffer.from([0xa5, 0x06, 1, 2, 3, 4]))).toBe(true);
    expect(Buffer.from(changed).includes(Buffer.from(inner))).toBe(true);
    expect(TaskInfo.decode(changed)).toMatchObject({ name: 'other', command: { value: 'cmd' } });
  });

  test('unknown fields of other messages are skipped and counted', () => {
    const before = unknownFieldsSkipped();
    const update = bytes(
      field(1, field(1, field(1, 'f')), field(4, TASK_STATUS), 41, 0, 0, 0, 0, 0, 0, 0, 0),
      field(15, 'later'),
      0x83,
      1,
      8,
      1,
      0x84,
      1,
    );
    expect(StatusUpdateMessage.decode(update)).toEqual({
      update: {
        framework_id: { value: 'f' },
        status: { task_id: { value: 't' }, state: 'TASK_RUNNING' },
        timestamp: 0,
      },
    });
    expect(unknownFieldsSkipped()).toBe(before + 2);
  });

  test('without such fields nothing is kept', () => {
    const swapped = bytes(field(2, field(1, 't')), field(1, 'n'), field(3, field(1, 's')));
    expect(hex(TaskInfo.encode(TaskInfo.decode(swapped)))).toBe(hex(TASK_INFO));
    expect(Offer.decode(Offer.encode(OFFER))).toStrictEqual(OFFER);
  });
});

const OFFER: Offer = {
  id: { value: 'o' },
  framework_id: { value: 'f' },
  slave_id: { value: 's' },
  hostname: 'h',
};

const hex = (body: Uint8Array): string => Buffer.from(body).toString('hex');
