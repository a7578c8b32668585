import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { differencesOf } from './stories/compare.ts';
import { isObject, leaves, type Json, type JsonObject } from './stories/json.ts';
import { Names } from './stories/naming.ts';
import { RecordedHost } from './stories/recorded-host.ts';
import { workload } from './workload.ts';

type Situation = 'idle' | 'workload';
type Answers = 'master_state' | 'master_slaves' | 'master_frameworks' | 'master_tasks' | 'state';

interface Declared {
  readonly path: string;
  readonly theirs?: Json;
  readonly ours?: Json;
  readonly because: string;
}

const CAPABILITIES = {
  theirs: [
    'MULTI_ROLE',
    'HIERARCHICAL_ROLE',
    'RESERVATION_REFINEMENT',
    'RESOURCE_PROVIDER',
    'RESIZE_VOLUME',
    'AGENT_OPERATION_FEEDBACK',
    'AGENT_DRAINING',
    'TASK_RESOURCE_LIMITS',
  ],
  ours: ['MULTI_ROLE', 'HIERARCHICAL_ROLE', 'RESERVATION_REFINEMENT'],
  because: 'an agent claims only what it does',
};

const BUILD: readonly Declared[] = [
  {
    path: 'git_sha',
    theirs: 'c1b42f79d157aa900be5cbb0c1023f1479962aa7',
    because: 'as in releases of Mesos, there is none',
  },
  { path: 'git_branch', theirs: 'refs/heads/master', because: 'the same' },
  {
    path: 'build_date',
    theirs: '2026-11-20 08:12:58 UTC',
    ours: '',
    because: 'a build is told by its version',
  },
  { path: 'build_time', theirs: 'a time', ours: 0, because: 'the same' },
];

const HEALTH_CHECK = {
  delay_seconds: 0,
  interval_seconds: 5,
  timeout_seconds: 5,
  consecutive_failures: 3,
  grace_period_seconds: 5,
  type: 'COMMAND',
  command: { shell: true, value: 'true' },
};

/** Health checks are not built: our run-1 was launched without its own. */
const noHealthCheck = (path: string): Declared[] => [
  { path: `${path}.health_check`, theirs: HEALTH_CHECK, because: 'launched without' },
  { path: `${path}.statuses[].healthy`, theirs: true, because: 'launched without' },
];

const NO_V1: Declared = {
  path: 'frameworks[].pid',
  ours: '<scheduler>',
  because: 'the recorded schedulers speak the v1 API and have no address',
};

const MASTER_HOSTNAME: Declared = {
  path: 'master_hostname',
  theirs: 'localhost',
  ours: '127.0.0.1',
  because: 'a fixed address of a master is not looked up by name',
};

type Differences = Readonly<Record<Answers, readonly Declared[]>>;

const DIFFERENCES: Readonly<Record<Situation, Differences>> = {
  idle: {
    master_state: [...BUILD, { path: 'slaves[].capabilities', ...CAPABILITIES }],
    master_slaves: [{ path: 'slaves[].capabilities', ...CAPABILITIES }],
    master_frameworks: [],
    master_tasks: [],
    state: [...BUILD, { path: 'capabilities', ...CAPABILITIES }, MASTER_HOSTNAME],
  },
  workload: {
    master_state: [
      ...BUILD,
      NO_V1,
      ...noHealthCheck('frameworks[].tasks[]'),
      { path: 'slaves[].capabilities', ...CAPABILITIES },
    ],
    master_slaves: [{ path: 'slaves[].capabilities', ...CAPABILITIES }],
    master_frameworks: [NO_V1, ...noHealthCheck('frameworks[].tasks[]')],
    master_tasks: noHealthCheck('tasks[]'),
    state: [
      ...BUILD,
      ...noHealthCheck('frameworks[].executors[].tasks[]'),
      { path: 'capabilities', ...CAPABILITIES },
      MASTER_HOSTNAME,
      {
        path: 'unreserved_resources_allocated.cpus',
        theirs: 0.6000000000000001,
        ours: 0.6,
        because: 'sums of scalars are exact here',
      },
    ],
  },
};

interface Compared {
  readonly situation: Situation;
  readonly of: 'master' | 'agent';
  readonly answer: Answers;
  readonly path: string;
  readonly fields: number;
}

const compared = (situation: Situation, fields: Record<Answers, number>): readonly Compared[] => [
  ...(['state', 'slaves', 'frameworks', 'tasks'] as const).map((name): Compared => {
    const answer = `master_${name}` as const;
    return { situation, of: 'master', answer, path: `/master/${name}`, fields: fields[answer] };
  }),
  { situation, of: 'agent', answer: 'state', path: '/slave(1)/state', fields: fields.state },
];

const COMPARED: readonly Compared[] = [
  ...compared('idle', {
    master_state: 63,
    master_slaves: 57,
    master_frameworks: 3,
    master_tasks: 1,
    state: 57,
  }),
  ...compared('workload', {
    master_state: 425,
    master_slaves: 85,
    master_frameworks: 362,
    master_tasks: 249,
    state: 443,
  }),
];

describe('in recorded clusters', () => {
  const hosts = new Map<Situation, RecordedHost>();
  beforeAll(async () => {
    hosts.set('idle', await RecordedHost.settled());
    hosts.set('workload', await workload());
  });

  test.each(COMPARED)(
    '$situation: the $of answers $path as C++ Mesos did, $fields fields and values',
    async ({ situation, of, answer, path, fields }) => {
      const theirs = comparable(recorded(`${situation}/${of}`, answer));
      const ours = comparable((await hosts.get(situation)?.fetch(of, path)) ?? null);
      const declared = DIFFERENCES[situation][answer].map(({ because: _because, ...each }) => each);
      const found = new Map(
        differencesOf(theirs, ours).map((each) => [JSON.stringify(each), each]),
      );
      expect(sorted([...found.values()])).toEqual(sorted(declared));
      expect(leaves(theirs)).toBe(fields);
    },
  );
});

function recorded(folder: string, answer: Answers): Json {
  const file = answer === 'state' ? 'slave_state' : answer;
  const url = new URL(`./http/${folder}/${file}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { readonly json: Json }).json;
}

/** Ids by what they name, times as times. */
function comparable(answer: Json): Json {
  const names = new Names();
  names.learnAnswer(answer);
  return inOrder(names.within(answer), names);
}

/**
 * Lists of things with ids, and of resources, have the order of a hash table there. Flags are shown
 * as the command line gave them, and there is none here.
 */
function inOrder(value: Json, names: Names): Json {
  if (typeof value === 'number') return value > 1e9 ? 'a time' : value;
  if (Array.isArray(value)) {
    const all = (value as readonly Json[]).map((each) => inOrder(each, names));
    return all.every(hasName) ? all.sort((a, b) => (key(a) < key(b) ? -1 : 1)) : all;
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'flags')
      .map(([name, each]) => [names.of(name), inOrder(each, names)]),
  );
}

const hasName = (value: Json): value is JsonObject =>
  isObject(value) && ['id', 'executor_id', 'scalar', 'ranges'].some((name) => name in value);

const key = (value: Json): string =>
  isObject(value)
    ? JSON.stringify([value['id'], value['executor_id'], value['name'], value['allocation_info']])
    : '';

const sorted = (differences: readonly { readonly path: string }[]): { readonly path: string }[] =>
  [...differences].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
