import { describe, expect, test } from '@jest/globals';
import { ReregisterSlaveMessage, Task } from '../../proto/index.ts';
import { fitting } from './fitting.ts';

const task = (name: string): Task => ({
  name,
  task_id: { value: name },
  framework_id: { value: 'framework' },
  slave_id: { value: 'agent' },
  state: 'TASK_FINISHED',
  resources: [],
});

const message: ReregisterSlaveMessage = {
  slave: { hostname: 'host' },
  tasks: [task('alive')],
  completed_frameworks: [
    { framework_info: { user: '', name: 'old' }, tasks: [task('a'), task('b')] },
    { framework_info: { user: '', name: 'new' }, tasks: [task('c'), task('d')] },
  ],
};
const bytes = ReregisterSlaveMessage.encode(message).length;

const kept = (bytesMax: number): string[] =>
  (fitting(message, bytesMax).completed_frameworks ?? []).flatMap(({ tasks }) =>
    (tasks ?? []).map(({ name }) => name),
  );

describe('a reregistration', () => {
  test('that is small enough goes as it is', () => {
    expect(fitting(message, bytes)).toBe(message);
  });

  const size = Task.encode(task('a')).length;

  test.each([
    [1, ['b', 'c', 'd']],
    [size + 1, ['c', 'd']],
    [2 * size + 1, ['d']],
  ])('that is %i bytes too large goes without its oldest completed tasks', (excess, rest) => {
    expect(kept(bytes - excess)).toEqual(rest);
  });

  test('fits after that', () => {
    const least = ReregisterSlaveMessage.encode({ ...message, completed_frameworks: [] }).length;
    for (let bytesMax = least; bytesMax < bytes; bytesMax += 1) {
      const fitted = ReregisterSlaveMessage.encode(fitting(message, bytesMax));
      expect(fitted.length).toBeLessThanOrEqual(bytesMax);
    }
  });

  test('keeps every task that lives, however large it is', () => {
    expect(fitting(message, 1)).toMatchObject({ tasks: [task('alive')], completed_frameworks: [] });
  });
});
