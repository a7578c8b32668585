/** Every kind of checkpoint the agent writes, by name, so that crash tests can be generated. */
export const WRITE_POINTS = [
  'boot-id',
  'agent-info',
  'framework-info',
  'framework-pid',
  'executor-info',
  'generated-for-command-task',
  'run-directory',
  'forked-pid',
  'executor-pid',
  'task-info',
  'update-record',
  'ack-record',
  'executor-sentinel',
  'resources',
  'garbage-collection',
  'command-task',
] as const;

export type WritePoint = (typeof WRITE_POINTS)[number];
