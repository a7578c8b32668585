import { describe, expect, test } from '@jest/globals';
import { parseTree } from '../source-tree.ts';
import { actorsAreSynchronous } from './synchronous-actors.ts';

const BASES = {
  'libprocess/process.ts': 'export abstract class Process {}',
  'libprocess/protobuf-process.ts': 'export abstract class ProtobufProcess extends Process {}',
  'scheduler-driver/scheduler-process.ts':
    'export abstract class SchedulerProcess extends ProtobufProcess {}',
};
const check = (text: string): string[] =>
  actorsAreSynchronous(parseTree({ ...BASES, 'master/a.ts': text }));

describe('a class that extends Process', () => {
  test.each(['Process', 'ProtobufProcess', 'SchedulerProcess'])(
    'through %s has no asynchronous method',
    (base) => {
      expect(check(`class A extends ${base} {\n  async run() {}\n}`)).toEqual([
        `master/a.ts:2: 'async' inside an actor`,
      ]);
    },
  );

  test('does not wait anywhere inside it', () => {
    const text = `
      class A extends Process {
        go = async () => {
          await this.read();
        };
      }`;
    expect(check(text)).toEqual([
      `master/a.ts:3: 'async' inside an actor`,
      `master/a.ts:4: 'await' inside an actor`,
    ]);
  });

  test('is found when it has no name', () => {
    expect(check('const A = class extends Process { async run() {} };')).toHaveLength(1);
  });

  test('may have a method that is called async', () => {
    expect(check('class A extends Process { run() { return this.async(() => 1); } }')).toEqual([]);
  });

  test('is the only kind that may not: others await as they like', () => {
    expect(check('class A extends Storage { async run() { await 1; } }')).toEqual([]);
    expect(check('async function run() { await 1; }')).toEqual([]);
  });
});
