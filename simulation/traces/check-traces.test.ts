import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TraceKind } from '../../libprocess/trace-line.ts';
import { RunTaskMessage } from '../../proto/index.ts';
import { checkTraces } from './check-traces.ts';

const [A, B] = ['127.0.0.1:1001', '127.0.0.1:1002'];
const BOOT = 'the-only-boot';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'traces-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

let clock = 0;
const line = (node: string, kind: TraceKind, details: object = {}): string => {
  clock += 1;
  return JSON.stringify({ at: clock, node, kind, ...details });
};
const begun = (node: string, boot = BOOT): string => line(node, 'begun', { pid: 1, boot });
const message = (body: string): object => ({
  from: `one@${A}`,
  to: `two@${B}`,
  name: 'hello',
  body: btoa(body),
});
const RUN_TASK = {
  name: RunTaskMessage.fullName,
  body: Buffer.from(
    RunTaskMessage.encode({
      framework: { user: '', name: '', id: { value: 'f' } },
      task: { name: '', task_id: { value: 't' }, slave_id: { value: 's' } },
    }),
  ).toString('base64'),
};
const sent = (body: string): string => line(A, 'sent', message(body));
const delivered = (body: string): string => line(B, 'delivered', message(body));

const trace = (name: string, ...lines: readonly string[]): string => {
  const path = join(directory, name);
  writeFileSync(path, lines.map((each) => `${each}\n`).join(''));
  return path;
};
const check = (...lines: readonly string[]) => checkTraces([trace('all', ...lines)]);
const violated = async (...lines: readonly string[]): Promise<readonly string[]> =>
  (await check(...lines)).violations.map(({ id }) => id);

describe('a check of traces', () => {
  test('finds nothing where all that was sent arrived in order', async () => {
    const [first, second] = [begun(A), begun(B)];
    const said = [sent('x'), sent('y')];
    const heard = [delivered('x'), delivered('y')];
    const paths = [trace('a', first, ...said), trace('b', second, ...heard)];
    expect(await checkTraces(paths)).toEqual({ events: 6, lives: 2, messages: 2, violations: [] });
  });

  test('finds what was delivered and sent by nobody, or twice, or too late', async () => {
    expect(await violated(begun(A), begun(B), delivered('x'))).toEqual(['P4']);
    expect(await violated(begun(A), begun(B), sent('x'), delivered('x'), delivered('x'))).toEqual([
      'P3',
    ]);
    const disorder = [sent('x'), sent('y'), delivered('y'), delivered('x')];
    expect(await violated(begun(A), begun(B), ...disorder)).toContain('P7');
  });

  test('finds who is told of an end that he did not want to hear of', async () => {
    const exited = line(A, 'exited', { linker: `one@${A}`, of: `two@${B}` });
    expect(await violated(begun(A), exited)).toEqual(['P8']);
  });

  test('finds what is said by a process that has ended', async () => {
    const process = { process: `one@${A}` };
    const lines = [line(A, 'spawned', process), line(A, 'ended', process), sent('x')];
    expect(await violated(begun(A), begun(B), ...lines)).toEqual(['P5']);
  });

  test('leaves out what comes from nodes that wrote no trace', async () => {
    expect(await violated(begun(B), delivered('x'))).toEqual([]);
  });

  test('finds a launch that nobody asked for, where all that the master spoke with is traced', async () => {
    const launch = { from: `master@${A}`, to: `slave(1)@${B}`, ...RUN_TASK };
    const lines = [begun(A), begun(B), line(A, 'sent', launch), line(B, 'delivered', launch)];
    expect(await violated(...lines)).toEqual(['O3']);
    const ping = { from: `master@${A}`, to: 'slave(1)@127.0.0.1:1003', name: 'ping', body: '' };
    expect(await violated(...lines, line(A, 'sent', ping))).toEqual([]);
  });

  test('lets a node be killed in the midst of a line, and of nothing else', async () => {
    const torn = sent('x').slice(0, 20);
    const path = trace('a', begun(A));
    writeFileSync(path, torn, { flag: 'a' });
    expect((await checkTraces([path])).events).toBe(1);
    const again = trace('b', begun(A), torn, sent('x'));
    await expect(checkTraces([again])).rejects.toThrow(`'${again}': line 2 is none of a trace`);
  });

  test('refuses traces of which nobody knows what came first', async () => {
    await expect(check(begun(A), begun(B, 'another'))).rejects.toThrow('several hosts');
  });

  test('says which file there is not', async () => {
    const path = join(directory, 'nothing');
    await expect(checkTraces([path])).rejects.toThrow(`Failed to read '${path}'`);
  });
});
