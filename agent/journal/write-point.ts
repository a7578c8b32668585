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
  'garbage-collection',
  'command-task',
] as const;

export type WritePoint = (typeof WRITE_POINTS)[number];

/** Where the journal writes for reasons of its own. */
export const MECHANISM_POINTS = [
  'meta-directory',
  'journal-segment',
  'journal-settling',
  'journal-replay',
  'journal-retirement',
] as const;

export type MechanismPoint = (typeof MECHANISM_POINTS)[number];
