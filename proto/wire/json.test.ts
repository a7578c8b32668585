import { describe, expect, test } from '@jest/globals';

import {
  FrameworkInfo,
  Filters,
  MalformedMessageError,
  Offer,
  SlaveInfo,
  TaskInfo,
  TaskStatus,
  executor,
  scheduler,
} from '../index.ts';

const STATUS: TaskStatus = {
  task_id: { value: 't' },
  state: 'TASK_LOST',
  source: 'SOURCE_SLAVE',
  reason: 'REASON_SLAVE_REMOVED',
  slave_id: { value: 's' },
  timestamp: 1795164942,
  uuid: Uint8Array.of(0, 255, 16),
  unreachable_time: { nanoseconds: 1795164942564284161n },
};

describe('JSON as Mesos writes it', () => {
  test('has the fields in the order of the .proto, exact digits, fractions and base64', () => {
    expect(TaskStatus.toJson(STATUS)).toBe(
      '{"task_id":{"value":"t"},"state":"TASK_LOST","source":"SOURCE_SLAVE",' +
        '"reason":"REASON_SLAVE_REMOVED","slave_id":{"value":"s"},"timestamp":1795164942.0,' +
        '"uuid":"AP8Q","unreachable_time":{"nanoseconds":1795164942564284161}}',
    );
  });

  test('says agent in v1 spelling', () => {
    expect(TaskStatus.toJson(STATUS, { spelling: 'v1' })).toBe(
      '{"task_id":{"value":"t"},"state":"TASK_LOST","source":"SOURCE_AGENT",' +
        '"reason":"REASON_AGENT_REMOVED","agent_id":{"value":"s"},"timestamp":1795164942.0,' +
        '"uuid":"AP8Q","unreachable_time":{"nanoseconds":1795164942564284161}}',
    );
    const subscribed: executor.Event = {
      type: 'SUBSCRIBED',
      subscribed: {
        executor_info: { executor_id: { value: 'e' } },
        framework_info: { user: 'u', name: 'n' },
        slave_info: { hostname: 'h', checkpoint: true },
      },
    };
    expect(executor.Event.toJson(subscribed, { spelling: 'v1' })).toContain(
      '"agent_info":{"hostname":"h","port":5051}',
    );
  });

  test('shows the defaults of absent fields unless they are deprecated', () => {
    expect(Filters.toJson({})).toBe('{"refuse_seconds":5.0}');
    expect(FrameworkInfo.toJson({ user: 'u', name: 'n' })).toBe(
      '{"user":"u","name":"n","failover_timeout":0.0,"checkpoint":false}',
    );
    expect(SlaveInfo.toJson({ hostname: 'h' })).toBe(
      '{"hostname":"h","port":5051,"checkpoint":false}',
    );
  });

  test.each([
    [4, '4.0'],
    [0.1, '0.1'],
    [-0, '-0.0'],
    [1e21, '1e21'],
    [1.5e300, '1.5e300'],
    [1e-7, '1e-7'],
    [123456789012345680000, '123456789012345680000.0'],
    [Infinity, '"Infinity"'],
    [NaN, 'null'],
  ])('the double %p is written as %s', (value, text) => {
    expect(Filters.toJson({ refuse_seconds: value })).toBe(`{"refuse_seconds":${text}}`);
  });

  test('control characters are escaped with capital digits, and a backslash stays what it is', () => {
    expect(TaskStatus.toJson({ ...MINIMAL, message: '\u001f\n"\\u00ab' })).toContain(
      String.raw`"message":"\u001F\n\"\\u00ab"`,
    );
  });
});

const MINIMAL: TaskStatus = { task_id: { value: 't' }, state: 'TASK_RUNNING' };

describe('JSON as Mesos reads it', () => {
  test.each(['v0', 'v1'] as const)('what was written in %s spelling comes back', (spelling) => {
    expect(TaskStatus.fromJson(TaskStatus.toJson(STATUS, { spelling }))).toStrictEqual(STATUS);
  });

  test('null is absent, unknown fields and unknown names of optional enums are ignored', () => {
    const json =
      '{"task_id":{"value":"t","more":[1]},"state":"TASK_RUNNING","message":null,"reason":"REASON_OF_TOMORROW","hello":{}}';
    expect(TaskStatus.fromJson(json)).toStrictEqual(MINIMAL);
  });

  test.each([
    ['[1]', 'Expecting a JSON object'],
    ['{"task_id":{"value":"t"},"state":"TASK_BOGUS"}', "Failed to find enum for 'TASK_BOGUS'"],
    ['{"task_id":{"value":"t"},"state":6}', "Not expecting a JSON number for field 'state'"],
    ['{"task_id":"t","state":"TASK_LOST"}', "Not expecting a JSON string for field 'task_id'"],
    ['{"task_id":{"value":7}}', "Not expecting a JSON number for field 'value'"],
    ['{"task_id":{"value":12345678901234567890}}', "Not expecting a JSON number for field 'value'"],
    ['{"task_id":12345678901234567890}', "Not expecting a JSON number for field 'task_id'"],
    ['{"healthy":12345678901234567890}', "Not expecting a JSON number for field 'healthy'"],
    ['{"state":12345678901234567890}', "Not expecting a JSON number for field 'state'"],
    ['12345678901234567890', 'Expecting a JSON object'],
    ['{"task_id":{"value":[]}}', "Not expecting a JSON array for field 'value'"],
    ['{"task_id":{"value":{}}}', "Not expecting a JSON object for field 'value'"],
    ['{"task_id":{"value":true}}', "Not expecting a JSON boolean for field 'value'"],
    ['{"uuid":"**"}', "Failed to base64 decode bytes field 'uuid': Invalid character '*'"],
    ['{"healthy":"yes"}', "Failed to parse 'yes' as a JSON boolean for field 'healthy'"],
    ['{"timestamp":"soon"}', "Failed to parse 'soon' as a JSON number for field 'timestamp'"],
    ['{"container_status":{"executor_pid":4294967296}}', 'out of range'],
    ['{"container_status":{"executor_pid":-1}}', 'out of range'],
    ['{"unreachable_time":{"nanoseconds":9223372036854775808}}', 'out of range'],
    ['{}', 'Missing required fields: task_id, state'],
    ['{', 'Not JSON: '],
    ['{"a":00000000000000000001}', 'Not JSON: '],
  ])('%s is refused', (json, reason) => {
    const read = (): unknown => TaskStatus.fromJson(json);
    expect(read).toThrow(MalformedMessageError);
    expect(read).toThrow(reason);
  });

  test('all missing fields are named, those of a message before those inside it', () => {
    const json = {
      type: 'SUBSCRIBE',
      subscribe: { framework_info: { name: 'n', id: {} } },
      accept: { operations: [{ launch: { task_infos: [{ name: 'n', executor: {} }] } }] },
    };
    expect(() => scheduler.Call.fromJson(json, { spelling: 'v1' })).toThrow(
      'Missing required fields: subscribe.framework_info.user, subscribe.framework_info.id.value, ' +
        'accept.operations[0].launch.task_infos[0].task_id, accept.operations[0].launch.task_infos[0].agent_id, ' +
        'accept.operations[0].launch.task_infos[0].executor.executor_id',
    );
  });

  test.each([
    ['1795164942564284161', 1795164942564284161n],
    ['-9223372036854775808', -9223372036854775808n],
    ['"1795164942564284161"', 1795164942564284161n],
    ['12.9', 12n],
    ['1e3', 1000n],
  ])('the 64-bit integer %s keeps its digits', (text, nanoseconds) => {
    const json = `{"task_id":{"value":"a \\" 1795164942564284161 \\\\"},"state":"TASK_LOST","unreachable_time":{"nanoseconds":${text}}}`;
    const { task_id, unreachable_time } = TaskStatus.fromJson(json);
    expect(unreachable_time).toStrictEqual({ nanoseconds });
    expect(task_id.value).toBe('a " 1795164942564284161 \\');
  });

  test('text may start with any character, also beside long integers', () => {
    const status = { ...STATUS, message: '\u00001234567890123456789' };
    expect(TaskStatus.fromJson(TaskStatus.toJson(status))).toStrictEqual(status);
  });

  test('a lone value stands for a list of one, and keys of maps are only keys', () => {
    const json =
      '{"name":"n","task_id":{"value":"t"},"slave_id":{"value":"s"},"resources":{"name":"cpus","type":"SCALAR","scalar":{"value":"1.5"}},' +
      '"limits":{"__proto__":{"value":1},"cpus":{"value":12345678901234567}}}';
    const task = TaskInfo.fromJson(json);
    expect(task.resources).toStrictEqual([
      { name: 'cpus', type: 'SCALAR', scalar: { value: 1.5 } },
    ]);
    expect(Object.entries(task.limits ?? {})).toStrictEqual([
      ['__proto__', { value: 1 }],
      ['cpus', { value: 12345678901234567 }],
    ]);
    expect(({} as { value?: unknown }).value).toBeUndefined();
    expect(TaskInfo.toJson(task)).toContain('"limits":{"__proto__":{"value":1.0},"cpus":');
  });

  test('messages nested without end are refused, not run into the stack', () => {
    const deep = '{"parent":'.repeat(100_000) + '{}' + '}'.repeat(100_000);
    expect(() => executor.Event.fromJson(`{"subscribed":{"container_id":${deep}}}`)).toThrow(
      MalformedMessageError,
    );
  });

  test('offers and their ranges come back', () => {
    const offer: Offer = {
      id: { value: 'o' },
      framework_id: { value: 'f' },
      slave_id: { value: 's' },
      hostname: 'h',
      resources: [
        { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31000, end: 32000 }] } },
      ],
    };
    expect(Offer.toJson(offer, { spelling: 'v1' })).toContain(
      '"ranges":{"range":[{"begin":31000,"end":32000}]}',
    );
    expect(Offer.fromJson(Offer.toJson(offer))).toStrictEqual(offer);
  });
});
