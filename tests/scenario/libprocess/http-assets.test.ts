import { expect, describe, test } from '@jest/globals';
import {
  Process,
  startNode,
  text,
  type Headers,
  type Response,
} from '../../../libprocess/index.ts';
import { Simulation } from '../../../libprocess/sim/index.ts';

const encode = (value: string): Uint8Array => new TextEncoder().encode(value);
const LARGE = new Uint8Array(3 * 1_024 * 1_024).map((_, at) => at % 251);

class Site extends Process {
  constructor() {
    super('site');
    this.provide('static', '/srv/www');
    this.provide('', '/srv/www/index.html');
    this.route('/static/made', () => text(200, 'made'));
  }
}

async function world() {
  const sim = new Simulation();
  const { runtime, machine } = sim.node();
  const { disk } = runtime;
  const fill = async (): Promise<void> => {
    await disk.makeDirectory('/srv/www/sub/.git');
    await disk.makeDirectory('/srv/www/bare');
    await disk.writeFile('/srv/secret', encode('secret'));
    await disk.writeFile('/srv/www/index.html', encode('<h1>index</h1>'));
    await disk.writeFile('/srv/www/sub/index.html', encode('sub'));
    await disk.writeFile('/srv/www/sub/a b.js', encode('let a;'));
    await disk.writeFile('/srv/www/sub/.git/config', encode('secret'));
    await disk.writeFile('/srv/www/.env', encode('secret'));
    await disk.writeFile('/srv/www/large.bin', LARGE);
    await disk.symlink('/srv/secret', '/srv/www/link');
    await disk.symlink('/srv', '/srv/www/up');
  };
  await sim.complete(fill());
  const node = await sim.complete(startNode({ runtime, ip: machine.ip, delegate: 'site' }));
  node.spawn(new Site());
  const client = sim.node();
  const ask = (path: string, headers: Headers = {}, method = 'GET'): Promise<Response> => {
    const request = { method, path, query: {}, headers, body: new Uint8Array(0) };
    const options = { timeoutMs: 60_000 };
    return sim.complete(client.runtime.network.request(node.address, request, options));
  };
  const body = ({ body: sent }: Response): Promise<Uint8Array> =>
    sent instanceof Uint8Array ? Promise.resolve(sent) : sim.complete(sent.readAll());
  return { sim, disk, ask, body };
}

const plain = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('what a process provides', () => {
  test.each([
    ['/site/static/index.html', 200, '<h1>index</h1>'],
    ['/static/index.html', 200, '<h1>index</h1>'],
    ['/site', 200, '<h1>index</h1>'],
    ['/static/', 200, '<h1>index</h1>'],
    ['/static/sub/', 200, 'sub'],
    ['/static/sub/a%20b.js', 200, 'let a;'],
    ['/static/made', 200, 'made'],
    ['/static/sub', 301, ''],
    ['/static/bare/', 404, undefined],
    ['/static/nothing', 404, undefined],
    ['/static/index.html/', 404, undefined],
    ['/static/index.html/x', 404, undefined],
    ['//static/sub', 404, undefined],
    // Nothing leads out, and what is hidden stays so.
    ['/static/../secret', 404, undefined],
    ['/static/%2e%2e/secret', 404, undefined],
    ['/static/..%2fsecret', 404, undefined],
    ['/static/%2e%2e%2fsecret', 404, undefined],
    ['/static/%252e%252e%252fsecret', 404, undefined],
    ['/static/..%5csecret', 404, undefined],
    ['/static/sub/%2e%2e/%2e%2e/secret', 404, undefined],
    ['/static/%c0%ae%c0%ae/secret', 404, undefined],
    ['/static//srv/secret', 404, undefined],
    ['/static/%2fsrv%2fsecret', 404, undefined],
    ['/static/index.html%00.png', 404, undefined],
    ['/static/.env', 404, undefined],
    ['/static/%2eenv', 404, undefined],
    ['/static/sub/.git/config', 404, undefined],
    ['/static/link', 404, undefined],
    ['/static/up/secret', 404, undefined],
    [`/static/${'a'.repeat(300)}`, 404, undefined],
  ])('answers %s with %i', async (path, status, expected) => {
    const { ask, body } = await world();
    const response = await ask(path);
    expect(response.status).toBe(status);
    const got = plain(await body(response));
    if (expected !== undefined) expect(got).toBe(expected);
    expect(got).not.toContain('secret');
    if (status === 301) expect(response.headers['location']).toBe('/static/sub/');
  });

  test('says what it is, how long, and lets nobody guess', async () => {
    const { ask } = await world();
    const { headers } = await ask('/static/sub/a%20b.js');
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
    });
    expect((await ask('/static/index.html', {}, 'POST')).status).toBe(405);
  });

  test('is exact to the byte, small and large [f02edbc]', async () => {
    const { ask, body } = await world();
    const response = await ask('/static/large.bin');
    expect(response.headers['content-length']).toBe(String(LARGE.byteLength));
    expect(Buffer.compare(await body(response), LARGE)).toBe(0);
  });

  test.each([
    ['bytes=0-4', 206, '<h1>i', 'bytes 0-4/14'],
    ['bytes=9-', 206, '</h1>', 'bytes 9-13/14'],
    ['bytes=-5', 206, '</h1>', 'bytes 9-13/14'],
    ['bytes=9-999', 206, '</h1>', 'bytes 9-13/14'],
    ['bytes=14-', 416, '', 'bytes */14'],
    ['bytes=-0', 416, '', 'bytes */14'],
    ['bytes=5-4', 200, '<h1>index</h1>', undefined],
    ['bytes=0-1,3-4', 200, '<h1>index</h1>', undefined],
    ['bytes=-', 200, '<h1>index</h1>', undefined],
    ['lines=1-2', 200, '<h1>index</h1>', undefined],
    ['bytes=0-99999999999999999999', 200, '<h1>index</h1>', undefined],
  ])('gives the range %s with %i', async (range, status, ...[expected, contentRange]) => {
    const { ask, body } = await world();
    const response = await ask('/static/index.html', { range });
    expect(response.status).toBe(status);
    expect(response.headers['content-range']).toBe(contentRange);
    expect(plain(await body(response))).toBe(expected);
  });

  test('is sent whole to who resumes what may have changed', async () => {
    const { ask } = await world();
    const { etag = '', 'last-modified': date = '' } = (await ask('/static/index.html')).headers;
    for (const ifRange of ['"other"', etag, date]) {
      const headers = { range: 'bytes=9-', 'if-range': ifRange };
      expect((await ask('/static/index.html', headers)).status).toBe(200);
    }
  });

  test('is not sent again to who has it', async () => {
    const { sim, disk, ask } = await world();
    const { headers } = await ask('/static/index.html');
    const etag = headers['etag'] ?? '';
    const since = headers['last-modified'] ?? '';
    expect((await ask('/static/index.html', { 'if-none-match': etag })).status).toBe(304);
    expect((await ask('/static/index.html', { 'if-none-match': `"x", ${etag}` })).status).toBe(304);
    expect((await ask('/static/index.html', { 'if-modified-since': since })).status).toBe(304);
    expect(
      (await ask('/static/index.html', { 'if-none-match': '"x"', 'if-modified-since': since }))
        .status,
    ).toBe(200);
    await sim.advance(5_000);
    await sim.complete(disk.writeFile('/srv/www/index.html', encode('<h1>newer</h1>')));
    expect((await ask('/static/index.html', { 'if-none-match': etag })).status).toBe(200);
    expect((await ask('/static/index.html', { 'if-modified-since': since })).status).toBe(200);
  });
});
