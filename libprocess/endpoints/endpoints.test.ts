import { describe, expect, test } from '@jest/globals';
import { json, Process, startNode, type ProcessManager, type Request } from '../index.ts';
import { Counter, PullGauge, Timer } from '../metrics/metrics.ts';
import { Simulation } from '../sim/index.ts';
import { parseTimeout } from './timeout.ts';

class Served extends Process {
  constructor() {
    super('served');
    this.route('/state', () => json(200, '{}'), {
      help: { summary: 'Nothing.', authentication: true, authorization: ['None.'] },
    });
    this.route('/deep/er', () => json(200, '"deeper"'));
  }
}

async function start(): Promise<{
  node: ProcessManager;
  sim: Simulation;
  get: (target: string) => Promise<{ status: number; type: string | undefined; body: string }>;
}> {
  const sim = new Simulation();
  const os = sim.node();
  const { runtime, machine } = os;
  const node = await sim.complete(startNode({ runtime, ip: machine.ip, delegate: 'served' }));
  node.spawn(new Served());
  await sim.settle();
  const get = async (target: string) => {
    const [path = '', search = ''] = target.split('?');
    const query = Object.fromEntries(new URLSearchParams(search));
    const request: Request = {
      method: 'GET',
      path,
      query,
      headers: {},
      body: new Uint8Array(0),
      remoteAddress: '10.0.0.9:1',
    };
    const { status, headers, body } = await sim.complete(node.http(request));
    if (!(body instanceof Uint8Array)) throw new Error('the answer streams');
    return { status, type: headers['content-type'], body: new TextDecoder().decode(body) };
  };
  return { node, sim, get };
}

describe('the endpoints of every node', () => {
  test.each([
    ['/served/state', 200],
    ['/state', 200],
    ['/served/state/of/things', 200],
    ['/served/deep/er/still', 200],
    ['/served/deep', 404],
    ['/nobody', 404],
    ['/metrics', 404],
    ['/__processes__/x', 404],
    ['/served/../served/state', 404],
    ['/../state', 404],
    ['/%zz', 404],
    ['/%73erved/state', 200],
  ])('%s is %i', async (target, status) => {
    const { get } = await start();
    expect((await get(target)).status).toBe(status);
  });

  test('list the processes and what waits for them', async () => {
    const { get } = await start();
    const { type, body } = await get('/__processes__');
    expect(type).toBe('application/json');
    const processes = JSON.parse(body) as { id: string; events: unknown[] }[];
    expect(processes.map(({ id }) => id)).toEqual([
      '__processes__',
      'metrics',
      'system',
      'help',
      'served',
    ]);
    expect(processes.every(({ events }) => events.length === 0)).toBe(true);
  });

  test('show help in text and in JSON', async () => {
    const { get } = await start();
    const usage = '### USAGE ###\n>        /state\n>        /served/state\n';
    expect((await get('/help/served/state')).body).toContain(usage);
    expect(await get('/help/served/nope')).toMatchObject({
      status: 400,
      body: "No help available for '/served/nope'.\n",
    });
    expect((await get('/help/nobody')).status).toBe(404);
    const all = JSON.parse((await get('/help?format=json')).body) as {
      processes: { id: string; endpoints: { name: string; text: string }[] }[];
    };
    const served = all.processes.find(({ id }) => id === 'served');
    expect(served?.endpoints.map(({ name }) => name)).toEqual(['/state']);
    expect(served?.endpoints[0]?.text).toContain('This endpoint requires authentication.');
  });

  test('wrap JSON into the function that is asked for, if it is a name', async () => {
    const { get } = await start();
    const wrapped = await get('/system/stats.json?jsonp=a.b');
    expect(wrapped.type).toBe('text/javascript');
    expect(wrapped.body).toMatch(/^a\.b\(\{"avg_load_15min":.*\}\)$/);
    expect((await get('/system/stats.json?jsonp=alert(1)//')).status).toBe(400);
  });
});

describe('/metrics/snapshot', () => {
  test('prints every value as a double, sorted by key', async () => {
    const { node, sim, get } = await start();
    node.metrics.add(new Counter('zebras')).increment(2);
    const timer = node.metrics.add(new Timer('ape_ms', node.runtime.clock));
    for (let ms = 1; ms <= 101; ms += 1) timer.record(ms);
    const done = timer.start();
    await sim.advance(7);
    expect(done()).toBe(7);
    node.metrics.add(
      new PullGauge('broken', () => {
        throw new Error('out of order');
      }),
    );
    const { body } = await get('/metrics/snapshot');
    const keys = Object.keys(JSON.parse(body) as object);
    expect(keys).toEqual([...keys].sort());
    expect(keys).not.toContain('broken');
    expect(body).toContain('"zebras":2.0');
    expect(body).toContain('"ape_ms":7.0,"ape_ms/count":102.0,"ape_ms/max":101.0');
    expect(body).toContain('"ape_ms/min":1.0,"ape_ms/p50":50.5,');
    expect(body).toContain('"libprocess/links_opened":0.0');
  });

  test('leaves out what is not known in time', async () => {
    const { node, get } = await start();
    node.metrics.add(new PullGauge('never', () => new Promise<number>(() => undefined)));
    const { status, body } = await get('/metrics/snapshot?timeout=1secs');
    expect(status).toBe(200);
    expect(body).toContain('"system/cpus_total":');
    expect(body).not.toContain('never');
  });

  test.each(['x', '-1secs', '1', 'secs', '1parsec'])('refuses the timeout %s', async (timeout) => {
    const { get } = await start();
    expect(await get(`/metrics/snapshot?timeout=${timeout}`)).toMatchObject({
      status: 400,
      body: `Invalid timeout '${timeout}': Failed to convert '' to number.\n`,
    });
  });

  test('takes the units of durations', () => {
    expect(['1.5secs', '250ms', '2mins', '1ns'].map(parseTimeout)).toEqual([
      1_500, 250, 120_000, 1e-6,
    ]);
  });
});
