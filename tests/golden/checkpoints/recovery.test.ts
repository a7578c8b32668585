import { describe, expect, test } from '@jest/globals';
import { at, listAt, textAt, type JsonObject } from '../stories/json.ts';
import { RecordedHost } from '../stories/recorded-host.ts';
import type { Spoken } from '../stories/recorded-messages.ts';
import { materialise, treeOf } from './meta-tree.ts';

const AGENT = 'b21ab12b-474c-40e4-829f-7bd261944316-S0';
const FRAMEWORK = 'b21ab12b-474c-40e4-829f-7bd261944316-0000';
const OTHER_AGENT = 'd5ea2514-a101-43fa-8273-e33f22fc14ab-S0';
const OTHER_FRAMEWORKS = ['0000', '0001'].map((id) => OTHER_AGENT.replace('S0', id));

/** What is not acknowledged is told again; what ran has failed: the machine has been started anew. */
const RUNNING = { 'cmd-1': 'TASK_FAILED', 'cmd-2': 'TASK_FAILED', 'cus-1': 'TASK_FAILED' };
const FINISHED = { 'cmd-1': 'TASK_FAILED', 'cmd-2': 'TASK_FINISHED', 'cus-1': 'TASK_FINISHED' };

interface Situation {
  readonly situation: string;
  readonly agent: string;
  readonly frameworks: readonly string[];
  readonly told: Readonly<Record<string, string>>;
}

const left = (situation: string, told: Situation['told'], frameworks = [FRAMEWORK]): Situation => ({
  situation,
  agent: AGENT,
  frameworks,
  told,
});

const SITUATIONS: readonly Situation[] = [
  left('1-running', RUNNING),
  left('2-finished-unacknowledged', FINISHED),
  left('3-agent-killed', FINISHED),
  left('4-agent-recovered', FINISHED),
  left('5-acknowledged', { 'cmd-1': 'TASK_FAILED' }),
  left('6-executor-shut-down', { 'cmd-1': 'TASK_FAILED' }),
  left('7-framework-torn-down', {}, []),
  {
    situation: '8-v0-volume-task-group',
    agent: OTHER_AGENT,
    frameworks: OTHER_FRAMEWORKS,
    told: { '0': 'TASK_FAILED', g1: 'TASK_FAILED', g2: 'TASK_FAILED', 'vol-1': 'TASK_FAILED' },
  },
];

interface Recovered {
  readonly host: RecordedHost;
  readonly before: JsonObject;
  readonly after: JsonObject;
}

/** An agent of ours on the work directory of one of C++, on a machine that was started anew. */
async function recovered(situation: string): Promise<Recovered> {
  const host = await RecordedHost.masterOnly();
  const { disk } = host.sim.boot(host.machine).runtime;
  await host.sim.complete(materialise(disk, situation));
  const before = await host.sim.complete(treeOf(disk));
  await host.startAgent();
  await host.sim.advance(10_000);
  return { host, before, after: await host.sim.complete(treeOf(disk)) };
}

const named = (said: readonly Spoken[], name: string): Spoken[] =>
  said.filter((message) => message.name === `mesos.internal.${name}`);

describe('an agent that finds the work directory of one of C++ Mesos', () => {
  test.each(SITUATIONS)(
    'in situation $situation goes on as that agent, with its frameworks and tasks',
    async ({ situation, agent, frameworks, told }) => {
      const { said } = (await recovered(situation)).host;
      const [registration] = named(said, 'ReregisterSlaveMessage').map(({ fields }) => fields);
      if (registration === undefined) throw new Error('It registers again');
      expect(textAt(registration, 'slave.id.value')).toBe(agent);
      const known = listAt(registration, 'frameworks').map((each) => textAt(each, 'id.value'));
      expect(known.sort()).toEqual(frameworks);
      const tasks = listAt(registration, 'tasks').map((each) => textAt(each, 'task_id.value'));
      expect(tasks.sort()).toEqual(Object.keys(told));
      const updates = named(said, 'StatusUpdateMessage').map(({ fields }) => [
        textAt(fields, 'update.status.task_id.value') ?? '',
        textAt(fields, 'update.status.state'),
      ]);
      expect(Object.fromEntries(updates)).toEqual(told);
      expect(named(said, 'SlaveReregisteredMessage')).toHaveLength(1);
    },
  );

  test('sends the update that was not acknowledged as it was, to the UUID', async () => {
    const { host } = await recovered('3-agent-killed');
    const update = named(host.said, 'StatusUpdateMessage').find(
      ({ fields }) => textAt(fields, 'update.status.task_id.value') === 'cmd-2',
    );
    expect(update && at(update.fields, 'update')).toMatchObject({
      status: { state: 'TASK_FINISHED', message: 'Command exited with status 0' },
      timestamp: 1795165160.188683,
      uuid: 'GRwBECa+RVW5POJF7IWpTg==',
    });
  });

  test('keeps every file it finds', async () => {
    const { before, after } = await recovered('3-agent-killed');
    expect(Object.keys(after)).toEqual(expect.arrayContaining(Object.keys(before)));
  });
});
