import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Response } from '../../libprocess/http/http.ts';
import { commandTask, executorTask, MasterCluster } from '../support/master-cluster.ts';

type JsonObject = Record<string, unknown>;

/** What Mesos answered, in a cluster with two frameworks and tasks in several states. */
function recorded(target: string): JsonObject {
  const url = new URL(`../golden/http/workload/master/${target}.json`, import.meta.url);
  const { raw } = JSON.parse(readFileSync(url, 'utf8')) as { raw: string };
  return JSON.parse(raw) as JsonObject;
}

interface Ask {
  readonly method?: string;
  readonly body?: string;
}

async function ask(
  cluster: MasterCluster,
  target: string,
  { method = 'GET', body = '' }: Ask = {},
) {
  const [path = '', search = ''] = target.split('?');
  const query = Object.fromEntries(new URLSearchParams(search));
  const response: Response = await cluster.sim.complete(
    cluster.node.http({
      method,
      path,
      query,
      headers: {},
      body: new TextEncoder().encode(body),
      remoteAddress: '10.9.9.9:1',
    }),
  );
  const text = response.body instanceof Uint8Array ? new TextDecoder().decode(response.body) : '';
  return { status: response.status, headers: response.headers, text };
}

const fetchJson = async (cluster: MasterCluster, target: string): Promise<JsonObject> =>
  JSON.parse((await ask(cluster, target)).text) as JsonObject;

/** A list of a JSON object. */
const list = (json: JsonObject | undefined, name: string): JsonObject[] =>
  (json?.[name] ?? []) as JsonObject[];

/** Fields in order, without those that depend on the build or on what the test does not do. */
function keysOf(json: JsonObject | undefined, without: readonly string[] = []): string[] {
  return Object.keys(json ?? {}).filter((key) => !without.includes(key));
}

/** Two frameworks: a command task running and one finished, a custom executor, an offer. */
async function workload() {
  const cluster = await MasterCluster.start();
  const { scheduler, agent } = await cluster.pair({
    info: { name: 'alpha', checkpoint: true, labels: { labels: [{ key: 'owner' }] } },
  });
  const { agentId } = agent.actor;
  scheduler.actor.launch([commandTask('run', agentId), commandTask('done', agentId)]);
  await cluster.until(() => agent.actor.runs.length === 2);
  agent.actor.update('run', 'TASK_RUNNING', { status: { timestamp: 2 } });
  await cluster.until(() => scheduler.actor.updates.length === 1);
  scheduler.actor.acknowledge();
  agent.actor.update('done', 'TASK_FINISHED', { ordinal: 2 });
  await cluster.until(() => scheduler.actor.updates.length === 2);
  scheduler.actor.acknowledge();
  await cluster.until(() => agent.actor.acknowledgements.length === 2);
  await cluster.until(() => scheduler.actor.offers.length > 1);
  scheduler.actor.launch([executorTask('custom', agentId)]);
  await cluster.until(() => agent.actor.runs.length === 3);
  agent.actor.update('custom', 'TASK_RUNNING', { ordinal: 3, status: { timestamp: 3 } });
  const offers = scheduler.actor.offers.length;
  await cluster.until(() => scheduler.actor.offers.length > offers);
  return { cluster, scheduler, agent };
}

describe('/state of the master', () => {
  test('has the fields of Mesos, in its order', async () => {
    const { cluster } = await workload();
    const ours = await fetchJson(cluster, '/master/state');
    const theirs = recorded('master_state');
    const build = ['git_sha', 'git_branch'];
    expect(keysOf(ours)).toEqual(keysOf(theirs, build));
    expect(keysOf(list(ours, 'slaves')[0])).toEqual(keysOf(list(theirs, 'slaves')[0]));
    const resources = (json: JsonObject) => list(json, 'slaves')[0]?.['resources'] as JsonObject;
    expect(keysOf(resources(ours))).toEqual(keysOf(resources(theirs)));
    // Principals and pids are there for those that have them.
    const alpha = list(theirs, 'frameworks')[1];
    expect(keysOf(list(ours, 'frameworks')[0], ['pid'])).toEqual(keysOf(alpha));
    const task = list(list(ours, 'frameworks')[0], 'tasks')[0];
    expect(keysOf(task)).toEqual(keysOf(list(list(theirs, 'frameworks')[0], 'tasks')[0]));
    const executor = list(list(ours, 'frameworks')[0], 'executors')[0];
    expect(keysOf(executor, ['labels'])).toEqual(keysOf(list(alpha, 'executors')[0]));
  });

  test('tells tasks, offers and executors apart by where they are', async () => {
    const { cluster, scheduler, agent } = await workload();
    const [framework] = list(await fetchJson(cluster, '/state'), 'frameworks');
    expect(list(framework, 'tasks').map(({ id }) => id)).toEqual(['run', 'custom']);
    expect(list(framework, 'completed_tasks')).toMatchObject([
      { id: 'done', state: 'TASK_FINISHED', executor_id: '' },
    ]);
    expect(list(framework, 'offers')).toMatchObject([
      { id: scheduler.actor.offers.at(-1)?.id.value, slave_id: agent.actor.agentId },
    ]);
    expect(list(framework, 'executors')).toMatchObject([
      { executor_id: 'executor-1', slave_id: agent.actor.agentId },
    ]);
    expect(framework).toMatchObject({
      active: true,
      used_resources: { cpus: 2.1, mem: 288, disk: 0, gpus: 0 },
      offered_resources: { cpus: 1.9, mem: 3808 },
      resources: { cpus: 4, mem: 4096 },
    });
  });

  test('prints whole numbers of resources with a fraction, and ports as text', async () => {
    const { cluster } = await workload();
    const { text } = await ask(cluster, '/state');
    expect(text).toContain('"ports":"[31000-32000]"');
    expect(text).toMatch(/"mem":4096\.0/);
    expect(text).toMatch(/"activated_slaves":1\.0/);
  });

  test('is served under its old name and as JSONP', async () => {
    const { cluster } = await workload();
    expect((await ask(cluster, '/master/state.json')).status).toBe(200);
    const { text, headers } = await ask(cluster, '/state?jsonp=cb');
    expect(text).toMatch(/^cb\(\{"version":"1\.12\.0"/);
    expect(headers['content-type']).toBe('text/javascript');
  });

  test('shows an agent that was lost sight of as inactive [75b4fdf]', async () => {
    const { cluster, agent } = await workload();
    cluster.kill(agent);
    await cluster.sim.advance(1_000);
    const state = await fetchJson(cluster, '/state');
    expect(list(state, 'slaves')).toMatchObject([{ active: false, deactivated: false }]);
    expect(state).toMatchObject({ activated_slaves: 0, deactivated_slaves: 1 });
  });
});

describe('/slaves', () => {
  test('has the fields of Mesos, and of whole messages in the old format', async () => {
    const { cluster } = await workload();
    const ours = await fetchJson(cluster, '/slaves');
    const theirs = recorded('master_slaves');
    expect(keysOf(ours)).toEqual(keysOf(theirs));
    expect(keysOf(list(ours, 'slaves')[0])).toEqual(keysOf(list(theirs, 'slaves')[0]));
    const full = (json: JsonObject, name: string) => list(list(json, 'slaves')[0], name)[0];
    for (const name of ['unreserved_resources_full', 'used_resources_full']) {
      expect(keysOf(full(ours, name))).toEqual(keysOf(full(theirs, name)));
    }
  });

  test('is an empty list without agents [7ad3f43]', async () => {
    const cluster = await MasterCluster.start();
    expect((await ask(cluster, '/slaves')).text).toBe('{"slaves":[],"recovered_slaves":[]}');
  });

  test('shows one agent when it is named [99c3030] [817b8fb]', async () => {
    const cluster = await MasterCluster.start();
    const { actor } = await cluster.agent();
    await cluster.agent();
    expect(list(await fetchJson(cluster, '/slaves'), 'slaves')).toHaveLength(2);
    const one = await fetchJson(cluster, `/slaves?slave_id=${actor.agentId}`);
    expect(list(one, 'slaves')).toMatchObject([{ id: actor.agentId }]);
    const none = await ask(cluster, '/slaves?slave_id=nope');
    expect(none.text).toBe('{"slaves":[],"recovered_slaves":[]}');
  });

  test('tells agents that are not back after an election apart [e88917b]', async () => {
    const cluster = await MasterCluster.start();
    const { actor } = await cluster.agent();
    await cluster.failOver();
    for (const target of ['/slaves', '/state']) {
      const shown = await fetchJson(cluster, target);
      expect(list(shown, 'slaves')).toEqual([]);
      expect(list(shown, 'recovered_slaves')).toMatchObject([{ id: actor.agentId }]);
    }
  });
});

describe('/frameworks, /roles and /state-summary', () => {
  test('have the fields of Mesos', async () => {
    const { cluster } = await workload();
    const frameworks = await fetchJson(cluster, '/frameworks');
    expect(keysOf(frameworks)).toEqual(keysOf(recorded('master_frameworks')));
    const roles = await fetchJson(cluster, '/roles');
    const role = list(recorded('master_roles'), 'roles')[0];
    expect(keysOf(list(roles, 'roles')[0])).toEqual(keysOf(role));
    expect(list(roles, 'roles')[0]).toMatchObject({ name: '*', allocated: { cpus: 2, mem: 256 } });
    const ours = await fetchJson(cluster, '/state-summary');
    const theirs = recorded('master_state-summary');
    expect(keysOf(ours)).toEqual(keysOf(theirs));
    expect(keysOf(list(ours, 'slaves')[0])).toEqual(keysOf(list(theirs, 'slaves')[0]));
    const summary = keysOf(list(theirs, 'frameworks')[0]);
    expect(keysOf(list(ours, 'frameworks')[0], ['pid'])).toEqual(summary);
    expect(list(ours, 'slaves')).toMatchObject([{ TASK_RUNNING: 2, TASK_FINISHED: 1 }]);
  });

  test('show one framework, in the list where it is [df6a817]', async () => {
    const { cluster, scheduler } = await workload();
    const other = await cluster.scheduler();
    const target = `/frameworks?framework_id=${scheduler.actor.frameworkId}`;
    const id = scheduler.actor.frameworkId;
    expect(list(await fetchJson(cluster, target), 'frameworks')).toMatchObject([{ id }]);
    scheduler.actor.call({ type: 'TEARDOWN' });
    await cluster.sim.advance(1_000);
    const after = await fetchJson(cluster, target);
    expect(list(after, 'frameworks')).toEqual([]);
    expect(list(after, 'completed_frameworks')).toMatchObject([{ id, active: false }]);
    const [framework] = list(after, 'completed_frameworks');
    expect(list(framework, 'completed_tasks').map(({ state }) => state)).toEqual([
      'TASK_FINISHED',
      'TASK_KILLED',
      'TASK_KILLED',
    ]);
    const others = await fetchJson(cluster, `/frameworks?framework_id=${other.actor.frameworkId}`);
    expect(list(others, 'frameworks')).toHaveLength(1);
  });
});

describe('/tasks', () => {
  test.each([
    ['', ['custom', 'run', 'done']],
    ['?order=asc', ['done', 'run', 'custom']],
    ['?order=bogus', ['custom', 'run', 'done']],
    ['?limit=2', ['custom', 'run']],
    ['?limit=0', []],
    ['?limit=abc', ['custom', 'run', 'done']],
    ['?limit=1&offset=1&order=asc', ['run']],
    ['?offset=100', []],
    ['?task_id=run', ['run']],
    ['?framework_id=nope', []],
  ])('%s shows %j', async (search, expected) => {
    const { cluster } = await workload();
    const tasks = list(await fetchJson(cluster, `/tasks${search}`), 'tasks');
    expect(tasks.map(({ id }) => id)).toEqual(expected);
  });
});

describe('what operators do', () => {
  test('tears a framework down [8f28913]', async () => {
    const { cluster, scheduler, agent } = await workload();
    const body = `frameworkId=${scheduler.actor.frameworkId}`;
    expect(await ask(cluster, '/teardown', { method: 'POST', body })).toMatchObject({
      status: 200,
    });
    await cluster.until(() => agent.actor.frameworkShutdowns.length > 0);
  });

  test('tears down a framework that only agents have told of [ae7ccd4]', async () => {
    const { cluster, scheduler, agent } = await workload();
    cluster.kill(scheduler);
    await cluster.failOver();
    const info = agent.actor.runs[0]?.framework;
    agent.actor.reregister({ frameworks: info ? [info] : [] });
    await cluster.until(() => agent.actor.reregistrations.length > 0);
    const body = `frameworkId=${scheduler.actor.frameworkId}`;
    expect(await ask(cluster, '/master/teardown', { method: 'POST', body })).toMatchObject({
      status: 200,
    });
    await cluster.until(() => agent.actor.frameworkShutdowns.length > 0);
  });

  test.each([
    ['', "Missing 'frameworkId' query parameter in the request body"],
    ['a=b', "Missing 'frameworkId' query parameter in the request body"],
    ['frameworkId=', 'No framework found with specified ID'],
    ['frameworkId=nope', 'No framework found with specified ID'],
  ])('with the body %j is answered: %s', async (body, text) => {
    const cluster = await MasterCluster.start();
    expect(await ask(cluster, '/teardown', { method: 'POST', body })).toMatchObject({
      status: 400,
      text,
    });
  });

  test('is POST only', async () => {
    const cluster = await MasterCluster.start();
    expect(await ask(cluster, '/master/teardown')).toMatchObject({
      status: 405,
      headers: { allow: 'POST' },
      text: "405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'.",
    });
  });

  test('kills a task', async () => {
    const { cluster, scheduler, agent } = await workload();
    const body = `frameworkId=${scheduler.actor.frameworkId}&taskId=run`;
    expect(await ask(cluster, '/kill-task', { method: 'POST', body })).toMatchObject({
      status: 202,
    });
    await cluster.until(() => agent.actor.kills.length > 0);
    const unknown = await ask(cluster, '/kill-task', { method: 'POST', body: `${body}x` });
    expect(unknown.status).toBe(400);
  });
});

describe('the small endpoints', () => {
  test('answer as those of Mesos', async () => {
    const cluster = await MasterCluster.start({ hostname: 'localhost' });
    expect(await ask(cluster, '/health')).toMatchObject({ status: 200, text: '' });
    expect(await fetchJson(cluster, '/version')).toMatchObject({ version: '1.12.0' });
    expect(await ask(cluster, '/redirect')).toMatchObject({
      status: 307,
      headers: { location: '//localhost:5050' },
    });
    const { flags } = await fetchJson(cluster, '/flags');
    const theirs = recorded('master_state')['flags'] as JsonObject;
    for (const [name, value] of Object.entries(flags as JsonObject)) {
      expect([name, value]).toEqual([name, theirs[name]]);
    }
  });

  test('that need the registry wait for it', async () => {
    const cluster = await MasterCluster.start();
    cluster.registry.hold();
    await cluster.failOver();
    expect(await ask(cluster, '/state')).toMatchObject({ status: 503 });
    expect(await ask(cluster, '/health')).toMatchObject({ status: 200 });
    cluster.registry.release();
    await cluster.sim.advance(1_000);
    expect(await ask(cluster, '/state')).toMatchObject({ status: 200 });
  });
});

describe('the metrics of a master', () => {
  test('have the names of Mesos, for what there is [8263022]', async () => {
    const { cluster, scheduler } = await workload();
    const ours = await fetchJson(cluster, '/metrics/snapshot');
    const theirs = Object.keys(recorded('metrics_snapshot')).filter((key) =>
      key.startsWith('master/'),
    );
    // Operations other than launches, operator streams and message queues are not there yet.
    const later =
      /operations?\b|operation_|operator_|event_queue|http_cache|inverse|heartbeat|subscribed$/;
    const general = theirs.filter((key) => !key.startsWith('master/frameworks/'));
    const missing = general.filter((key) => !later.test(key) && !(key in ours));
    expect(missing.filter((key) => !key.includes('/reason_'))).toEqual([]);
    const prefix = `master/frameworks/alpha/${scheduler.actor.frameworkId ?? ''}/`;
    const framework = theirs.filter((key) => key.startsWith('master/frameworks/alpha/'));
    const suffixes = framework.map((key) => key.split('/').slice(4).join('/'));
    expect(suffixes.filter((key) => !later.test(key) && !(prefix + key in ours))).toEqual([]);
  });

  test('tell what happened', async () => {
    const { cluster, scheduler } = await workload();
    const prefix = `master/frameworks/alpha/${scheduler.actor.frameworkId ?? ''}/`;
    expect(await fetchJson(cluster, '/metrics/snapshot')).toMatchObject({
      'master/slaves_active': 1,
      'master/frameworks_active': 1,
      'master/tasks_running': 2,
      'master/tasks_finished': 1,
      'master/cpus_total': 4,
      'master/cpus_used': 2.1,
      'master/outstanding_offers': 1,
      'master/slave_registrations': 1,
      'master/valid_status_updates': 3,
      'master/valid_status_update_acknowledgements': 2,
      [`${prefix}calls/accept`]: 2,
      [`${prefix}operations/launch`]: 3,
      [`${prefix}tasks/active/task_running`]: 2,
      [`${prefix}tasks/terminal/task_finished`]: 1,
    });
  });
});
