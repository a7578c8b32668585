import { beforeAll, describe, expect, test } from '@jest/globals';
import { differencesOf, type Difference } from '../stories/compare.ts';
import { leaves, type JsonObject } from '../stories/json.ts';
import { recordedTree } from './meta-tree.ts';
import { situations } from './situations.ts';

type Declared = Omit<Difference, 'message'> & { readonly path: string; readonly because: string };

const FRAMEWORK = 'slaves/<master 1>-S0/frameworks/<master 1>-0000';

/** What C++ checkpoints otherwise, in every situation. */
const DIFFERENCES: readonly Declared[] = [
  ...['cmd-1', 'cmd-2'].flatMap((id): Declared[] => [
    {
      path: `${FRAMEWORK}/executors/${id}/executor.info.content[].command.value`,
      theirs: '/usr/libexec/mesos/mesos-executor',
      ours: 'mesos-executor',
      because: 'there is no such program: the executor lives beside the agent',
    },
    {
      path: `${FRAMEWORK}/executors/${id}/executor.info.content[].command.arguments`,
      theirs: ['mesos-executor', '--launcher_dir=/usr/libexec/mesos'],
      ours: ['mesos-executor'],
      because: 'there is no launcher directory to tell it of',
    },
    {
      path: `${FRAMEWORK}/executors/${id}/runs/<container of ${id}>/tasks/${id}/task.updates.content[].update.status.container_status.executor_pid`,
      theirs: `<process of ${id}>`,
      because: 'TASK_STARTING comes before the process of the task',
    },
  ]),
  {
    path: `${FRAMEWORK}/executors/exec-1/runs/<container of exec-1>/http.marker`,
    theirs: { kind: 'file', mode: '644', content: '' },
    because: 'the recorded executor speaks the v1 API, ours libprocess',
  },
  {
    path: `${FRAMEWORK}/executors/exec-1/runs/<container of exec-1>/pids/libprocess.pid`,
    ours: { kind: 'file', mode: '600', content: 'the address of the executor' },
    because: 'the same',
  },
  {
    path: `${FRAMEWORK}/framework.pid.content`,
    theirs: '@0.0.0.0:0',
    ours: 'the address of the scheduler',
    because: 'the recorded scheduler speaks the v1 API, ours libprocess',
  },
];

const COMPARED: readonly [situation: string, names: number, fields: number][] = [
  ['1-running', 48, 379],
  ['2-finished-unacknowledged', 48, 415],
  ['3-agent-killed', 48, 415],
  ['4-agent-recovered', 48, 415],
  ['5-acknowledged', 49, 422],
  ['6-executor-shut-down', 50, 425],
  ['7-framework-torn-down', 51, 428],
];

describe("the agent's meta directory", () => {
  let ours: Readonly<Record<string, JsonObject>>;
  beforeAll(async () => {
    ours = await situations();
  });

  test.each(COMPARED)(
    'in situation %s holds what that of C++ Mesos held: %i names, %i modes and fields',
    (situation, names, fields) => {
      const theirs = recordedTree(situation);
      const differences = differencesOf(theirs, ours[situation]);
      const declared = DIFFERENCES.map(({ because: _because, ...difference }) => difference);
      expect(sorted(differences)).toEqual(sorted(declared));
      const both = Object.keys(theirs).filter((path) => ours[situation]?.[path] !== undefined);
      expect([both.length, leaves(theirs)]).toEqual([names, fields]);
    },
  );
});

const sorted = (differences: readonly { readonly path: string }[]): { readonly path: string }[] =>
  [...differences].sort((a, b) => (a.path < b.path ? -1 : 1));
