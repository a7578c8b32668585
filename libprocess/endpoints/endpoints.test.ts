import { describe, expect, test } from '@jest/globals';
import { endpointBed, type EndpointBed } from '../../tests/support/endpoint-bed.ts';
import { json, Process } from '../index.ts';

class Served extends Process {
  constructor() {
    super('served');
    this.route('/state', () => json(200, '{}'), {
      help: { summary: 'Nothing.', authentication: true, authorization: ['None.'] },
    });
    this.route('/deep/er', () => json(200, '"deeper"'));
  }
}

async function start(): Promise<EndpointBed> {
  const bed = await endpointBed({}, { delegate: 'served' });
  bed.node.spawn(new Served());
  await bed.sim.settle();
  return bed;
}

describe('the endpoints of every node', () => {
  test.each([
    ['/served/state', 200],
    ['/state', 200],
    ['/served/state/of/things', 200],
    ['/served/deep/er/still', 200],
    ['/served/deep', 404],
    ['/nobody', 404],
    ['/metrics', 200],
    ['/metrics/nothing', 404],
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
      'logging',
      'profiler',
      'memory-profiler',
      'help',
      'served',
    ]);
    expect(processes.every(({ events }) => events.length === 0)).toBe(true);
  });

  test('show help as a page, as text and as JSON [f19f704]', async () => {
    const { get } = await start();
    const usage = '### USAGE ###\n>        /state\n>        /served/state\n';
    const curl = { 'user-agent': 'curl/8.0' };
    const text = await get('/help/served/state', curl);
    expect(text.type).toBe('text/x-markdown; charset=utf-8');
    expect(text.body).toContain(usage);
    const page = await get('/help/served/state');
    expect(page.type).toBe('text/html; charset=utf-8');
    expect(page.body).toContain('<blockquote><pre>/state\n/served/state</pre></blockquote>');
    expect((await get('/help')).body).toContain('<a href="/help/served/state">/served/state</a>');
    for (const part of ['/help/served', '/help/served/state'])
      expect((await get(part)).body).toContain('<nav><a href="/help">');
    expect((await get('/help')).body).not.toContain('<nav>');
    expect((await get('/help', { accept: 'application/json' })).type).toBe('application/json');
    expect((await get('/help/served?format=json')).type).toBe('application/json');
    expect(await get('/help/served/nope')).toMatchObject({
      status: 400,
      body: "No help available for '/served/nope'.\n",
    });
    expect((await get('/help/nobody')).status).toBe(404);
    const all = JSON.parse((await get('/help?format=json')).body) as {
      processes: { id: string; endpoints: { name: string; text: string }[] }[];
    };
    const served = all.processes.find(({ id }) => id === 'served');
    expect(served?.endpoints.map(({ name }) => name)).toEqual(['/deep/er', '/state']);
    expect(served?.endpoints[1]?.text).toContain('This endpoint requires authentication.');
  });

  test('list routes without help, and say that they have none', async () => {
    const { get } = await start();
    expect((await get('/help')).body).toContain('href="/help/served/deep/er"');
    const { status, body } = await get('/help/served/deep/er', { 'user-agent': 'curl/8.0' });
    expect(status).toBe(200);
    expect(body).toContain('>        /served/deep/er\n');
    expect(body).toContain('### TL;DR; ###\n\n\n### DESCRIPTION ###\nThis endpoint has no help.\n');
  });

  test('wrap JSON into the function that is asked for, if it is a name', async () => {
    const { get } = await start();
    const wrapped = await get('/system/stats.json?jsonp=a.b');
    expect(wrapped.type).toBe('text/javascript');
    expect(wrapped.body).toMatch(/^a\.b\(\{"avg_load_15min":.*\}\)$/);
    expect((await get('/system/stats.json?jsonp=alert(1)//')).status).toBe(400);
  });
});
