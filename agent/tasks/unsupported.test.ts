import { expect, test } from '@jest/globals';
import type { TaskInfo } from '../../proto/index.ts';
import { unsupported } from './unsupported.ts';

const task = (more: Partial<TaskInfo>): TaskInfo => ({
  name: 'task',
  task_id: { value: 'task' },
  slave_id: { value: 'agent' },
  ...more,
});
const executor_id = { value: 'executor' };

test('a task that asks for no more than a command is supported', () => {
  expect(unsupported(task({ command: { value: 'true' } }))).toBeUndefined();
  expect(unsupported(task({ container: { type: 'MESOS' } }))).toBeUndefined();
  expect(unsupported(task({ executor: { executor_id, command: { value: 'x' } } }))).toBeUndefined();
});

test.each<[string, Partial<TaskInfo>]>([
  ['Docker containers', { container: { type: 'DOCKER' } }],
  [
    'Docker containers',
    { container: { type: 'MESOS' }, executor: { executor_id, container: { type: 'DOCKER' } } },
  ],
  ['container images', { container: { type: 'MESOS', mesos: { image: { type: 'DOCKER' } } } }],
  ['volumes', { container: { type: 'MESOS', volumes: [{ mode: 'RW', container_path: 'data' }] } }],
  ['volumes', { resources: [persistentVolume()] }],
  ['fetching of URIs', { command: { value: 'x', uris: [{ value: 'http://host/x' }] } }],
  ['fetching of URIs', { executor: { executor_id, command: { uris: [{ value: 'file:///x' }] } } }],
  ['health checks', { health_check: { type: 'COMMAND' } }],
  ['checks', { check: { type: 'COMMAND' } }],
  ['the default executor', { executor: { executor_id, type: 'DEFAULT' } }],
])('%s are refused by name', (name, more) => {
  expect(unsupported(task(more))).toBe(name);
});

function persistentVolume() {
  return {
    name: 'disk',
    type: 'SCALAR' as const,
    scalar: { value: 10 },
    disk: { persistence: { id: 'volume' } },
  };
}
