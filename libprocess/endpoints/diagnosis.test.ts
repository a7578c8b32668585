import { describe, expect, test } from '@jest/globals';
import { BasicAuthenticator } from '../http/access/basic-authenticator.ts';
import { READONLY_REALM, READWRITE_REALM } from '../http/access/http-access.ts';
import { endpointBed } from '../../tests/support/endpoint-bed.ts';

describe('/logging/toggle', () => {
  test('raises the verbosity for a while, and refuses what makes no sense [e723f81]', async () => {
    const { get } = await endpointBed();
    expect(await get('/logging/toggle')).toMatchObject({ status: 200, body: '0\n' });
    for (const [query, body] of [
      ['level=0', "Expecting 'duration=value' in query.\n"],
      ['duration=10secs', "Expecting 'level=value' in query.\n"],
      ['level=-1&duration=10secs', "Invalid level '-1'.\n"],
      ['level=x&duration=10secs', "Failed to convert 'x' to number.\n"],
      ['level=1.5&duration=10secs', "Failed to convert '1.5' to number.\n"],
      [
        'level=1&duration=10',
        "Invalid duration '10': expecting a number without a sign and a unit, such as '5secs' or '1.5mins'.\n",
      ],
    ]) {
      expect(await get(`/logging/toggle?${query}`)).toMatchObject({ status: 400, body });
    }
    expect((await get('/logging/toggle')).body).toBe('0\n');
  });

  test('goes back when the time of the latest request is over', async () => {
    const { sim, node, get } = await endpointBed();
    const { logger } = node.runtime;
    await get('/logging/toggle?level=3&duration=10secs');
    expect(logger.verbosity).toBe(3);
    await sim.advance(9_000);
    await get('/logging/toggle?level=1&duration=5secs');
    await sim.advance(4_999);
    expect(logger.verbosity).toBe(1);
    await sim.advance(1);
    expect(logger.verbosity).toBe(0);
    await get('/logging/toggle?level=2&duration=1weeks');
    await get('/logging/toggle?level=0&duration=1secs');
    expect(logger.verbosity).toBe(0);
    await get('/logging/toggle?level=2&duration=1weeks');
    await node[Symbol.asyncDispose]();
    expect(logger.verbosity).toBe(0);
  });
});

test.each(['LIBPROCESS_ENABLE_PROFILER', 'LIBPROCESS_MEMORY_PROFILING'])(
  'a node whose %s makes no sense does not start',
  async (variable) => {
    await expect(endpointBed({ [variable]: 'yes' })).rejects.toThrow(
      `${variable} is 'yes': it must be true, 1, false or 0`,
    );
    for (const value of ['true', '1', 'false', '0', '']) await endpointBed({ [variable]: value });
  },
);

test('counters of the node are counters for Prometheus, and what goes back is a gauge', async () => {
  const { get } = await endpointBed();
  const { body } = await get('/metrics');
  expect(body).toContain('# TYPE libprocess_faults counter\n');
  expect(body).toContain('# TYPE libprocess_links_opened counter\n');
  expect(body).toContain('# TYPE libprocess_unobserved_failures gauge\n');
});

describe('/profiler', () => {
  const enabled = { LIBPROCESS_ENABLE_PROFILER: '1' };

  test('is off unless the environment says otherwise', async () => {
    const { get } = await endpointBed();
    const { status, body } = await get('/profiler/start');
    expect(status).toBe(400);
    expect(body).toContain('must be started with LIBPROCESS_ENABLE_PROFILER=1');
    expect(await get('/profiler/stop')).toMatchObject({
      status: 400,
      body: 'Profiler not running.\n',
    });
  });

  test('gives the profile when it is stopped [00b3360]', async () => {
    const { get } = await endpointBed(enabled);
    expect(await get('/profiler/start')).toMatchObject({
      status: 200,
      body: 'Profiler started.\n',
    });
    expect(await get('/profiler/start')).toMatchObject({
      status: 400,
      body: 'Profiler already started.\n',
    });
    const { status, type, body } = await get('/profiler/stop');
    expect({ status, type }).toEqual({ status: 200, type: 'application/octet-stream' });
    expect(JSON.parse(body)).toMatchObject({ nodes: [] });
    expect((await get('/profiler/stop')).status).toBe(400);
  });

  test('forgets one that nobody stops', async () => {
    const { sim, get } = await endpointBed(enabled);
    await get('/profiler/start');
    await sim.advance(600_000);
    expect((await get('/profiler/stop')).status).toBe(400);
    expect((await get('/profiler/start')).status).toBe(200);
  });
});

describe('a profile of the CPU', () => {
  test('that could not begin ends none that begins later', async () => {
    const { sim, node, get } = await endpointBed({ LIBPROCESS_ENABLE_PROFILER: '1' });
    const { profiler } = node.runtime;
    await profiler.startCpu(); // Somebody else's.
    expect((await get('/profiler/start')).status).toBe(500);
    await profiler.stopCpu();
    await sim.advance(300_000);
    expect((await get('/profiler/start')).status).toBe(200);
    await sim.advance(400_000);
    expect((await get('/profiler/stop')).status).toBe(200);
  });
});

describe('/memory-profiler', () => {
  const enabled = { LIBPROCESS_MEMORY_PROFILING: '1' };

  test.each(['start', 'stop', 'state', 'statistics', 'download/raw'])(
    '%s is off unless the environment says otherwise',
    async (path) => {
      const { get } = await endpointBed();
      const { status, body } = await get(`/memory-profiler/${path}`);
      expect(status).toBe(400);
      expect(body).toContain('LIBPROCESS_MEMORY_PROFILING=1');
    },
  );

  test('samples for a while, then the profile is there', async () => {
    const { sim, get } = await endpointBed(enabled);
    expect((await get('/memory-profiler/download/raw')).status).toBe(400);
    const started = await get('/memory-profiler/start?duration=10secs');
    const { id, remaining_seconds: remaining } = JSON.parse(started.body) as {
      id: number;
      remaining_seconds: string;
    };
    expect(remaining).toBe('10');
    expect((await get('/memory-profiler/download/raw')).body).toContain('in progress');
    await sim.advance(4_000);
    expect(JSON.parse((await get('/memory-profiler/state')).body)).toMatchObject({
      memory_profiler: { current_run: { id, remaining_seconds: 6 } },
      heap: { profiling_active: true },
    });
    expect((await get('/memory-profiler/start')).body).toContain(
      'Heap profiling is already active.',
    );
    await sim.advance(6_000);
    expect(JSON.parse((await get(`/memory-profiler/download/raw?id=${id}`)).body)).toHaveProperty(
      'head',
    );
    expect((await get('/memory-profiler/download/text')).body).toMatch(/^Total: 0 bytes\n/);
    expect(await get('/memory-profiler/download/raw?id=1')).toMatchObject({
      status: 400,
      body: 'Cannot serve requested id #1.\n',
    });
    expect((await get('/memory-profiler/download/raw?id=x')).status).toBe(400);
    expect((await get('/memory-profiler/download/graph')).status).toBe(400);
  });

  test('is stopped early, and tells where the profile is', async () => {
    const { get } = await endpointBed(enabled);
    expect((await get('/memory-profiler/stop')).status).toBe(400);
    await get('/memory-profiler/start');
    const { body } = await get('/memory-profiler/stop');
    const { url_raw_profile: url } = JSON.parse(body) as { url_raw_profile: string };
    expect((await get(url)).status).toBe(200);
    expect(JSON.parse((await get('/memory-profiler/statistics')).body)).toHaveProperty(
      'used_heap_size',
    );
  });

  test('that could not begin ends none that begins later', async () => {
    const { sim, node, get } = await endpointBed(enabled);
    const { profiler } = node.runtime;
    await profiler.startHeap(); // Somebody else's.
    expect((await get('/memory-profiler/start?duration=2secs')).status).toBe(500);
    await profiler.stopHeap();
    expect((await get('/memory-profiler/start?duration=10secs')).status).toBe(200);
    await sim.advance(3_000);
    expect((await get('/memory-profiler/state')).body).toContain('"profiling_active":true');
  });

  test.each(['999ms', '25hrs', 'soon'])('does not sample for %s', async (duration) => {
    const { get } = await endpointBed(enabled);
    expect((await get(`/memory-profiler/start?duration=${duration}`)).status).toBe(400);
  });
});

describe('an authenticator of the realms of a node', () => {
  test.each([
    ['/logging/toggle?level=1&duration=10secs', '[d368637]'],
    ['/profiler/start', '[8360dc3]'],
    ['/metrics/snapshot', '[da8d9b7]'],
    ['/metrics', ''],
    ['/__processes__', ''],
    ['/__processes__/trace?id=metrics', ''],
    ['/memory-profiler/start', ''],
  ])('keeps strangers from %s %s', async (target) => {
    const { node, get } = await endpointBed({ LIBPROCESS_ENABLE_PROFILER: '1' });
    for (const realm of [READONLY_REALM, READWRITE_REALM]) {
      const credentials = { foo: 'bar' };
      node.access.setAuthenticator(realm, new BasicAuthenticator({ realm, credentials }));
    }
    expect((await get(target)).status).toBe(401);
    expect(node.runtime.logger.verbosity).toBe(0);
  });

  test('a callback that refuses changes nothing [04f0115]', async () => {
    const { node, get } = await endpointBed();
    node.access.setAuthorizationCallbacks({ '/logging/toggle': () => false });
    expect((await get('/logging/toggle?level=1&duration=10secs')).status).toBe(403);
    expect(node.runtime.logger.verbosity).toBe(0);
  });
});
