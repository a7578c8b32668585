import { describe, expect, test } from '@jest/globals';
import {
  FuturePromise,
  Pipe,
  Process,
  ProcessManager,
  text,
  type Request,
  type Response,
} from './index.ts';
import { Simulation } from './sim/index.ts';

class Site extends Process {
  constructor(id: string) {
    super(id);
    const echo = (route: string) => (request: Request) =>
      text(200, `${this.id} ${route} ${request.path} ${JSON.stringify(request.query)}`);
    this.route('/a', echo('/a'));
    this.route('/a/b', echo('/a/b'));
    this.route('/throws', () => {
      throw new RangeError('no');
    });
  }
}

async function get(path: string, query: Request['query'] = {}): Promise<Response> {
  const sim = new Simulation();
  const { runtime } = sim.node();
  const node = new ProcessManager({ runtime, address: '10.0.0.1:5050', delegate: 'site' });
  for (const id of ['site', 'a b', 'a%20b']) node.spawn(new Site(id));
  const head = { method: 'GET', headers: {}, body: new Uint8Array(0), remoteAddress: '' };
  return sim.complete(node.http({ ...head, path, query }));
}

const shown = async (path: string, query?: Request['query']): Promise<string> => {
  const { status, body } = await get(path, query);
  return body instanceof Uint8Array && status === 200
    ? new TextDecoder().decode(body)
    : String(status);
};

describe('a request over HTTP', () => {
  test('reaches the longest route of its process, with path and query as sent [b2a6a5e]', async () => {
    expect(await shown('/site/a')).toBe('site /a /site/a {}');
    expect(await shown('/site/a/b/c', { x: '1 2' })).toBe('site /a/b /site/a/b/c {"x":"1 2"}');
    expect(await shown('/site/ab')).toBe('404');
    expect(await shown('/site')).toBe('404');
  });

  test('finds a process by its id, decoded once [41e59e7]', async () => {
    expect(await shown('/a%20b/a')).toBe('a b /a /a%20b/a {}');
    expect(await shown('/a%2520b/a')).toBe('a%20b /a /a%2520b/a {}');
    expect(await shown('/%E0%A4%A/a')).toBe('404');
  });

  test('whose client has left has its late answer closed', async () => {
    const late = new FuturePromise<Response>();
    class Slow extends Process {
      constructor() {
        super('slow');
        this.route('/', () => late.future);
      }
    }
    const sim = new Simulation();
    const { runtime } = sim.node();
    const node = new ProcessManager({ runtime, address: '10.0.0.1:5050' });
    node.spawn(new Slow());
    const head = { method: 'GET', headers: {}, body: new Uint8Array(0), remoteAddress: '' };
    const answer = node.http({ ...head, path: '/slow', query: {} });
    await sim.settle();
    answer.discard();
    await sim.settle();
    const pipe = new Pipe();
    late.set({ status: 200, headers: {}, body: pipe.reader });
    await sim.settle();
    expect(pipe.writer.write(new Uint8Array(1))).toBe(false);
  });

  test('goes to the delegate when its first part names no process', async () => {
    expect(await shown('/a/b')).toBe('site /a/b /a/b {}');
  });

  test.each(['/site/../a', '/..', '/site/a/..', '/nothing/here', '/'])(
    'for %s is 404',
    async (path) => {
      expect(await shown(path)).toBe('404');
    },
  );

  test('whose handler answers after the end of its process loses its body, which is closed', async () => {
    const sim = new Simulation();
    const node = new ProcessManager({ runtime: sim.node().runtime, address: '10.0.0.1:5050' });
    const answer = new FuturePromise<Response>();
    class Late extends Process {
      protected override initialize(): void {
        this.route('/', () => answer.future);
      }
    }
    const pid = node.spawn(new Late('late'));
    await sim.settle();
    const head = { method: 'GET', headers: {}, body: new Uint8Array(0), remoteAddress: '' };
    const asked = node.http({ ...head, path: '/late', query: {} });
    await sim.settle();
    node.terminate(pid);
    expect((await sim.complete(asked)).status).toBe(503);
    const { reader, writer } = new Pipe();
    answer.set({ status: 200, headers: {}, body: reader });
    expect(writer.readerClosed().isReady).toBe(true);
  });

  test('whose handler throws is answered with 500, and the process goes on', async () => {
    expect(await shown('/site/throws')).toBe('500');
  });

  test.each([
    ['nothing', undefined, 'the handler returned undefined'],
    ['a string', 'hello', 'the handler returned string'],
    ['no body', { status: 200, headers: {} }, 'its body'],
    ['a text for a body', { status: 200, headers: {}, body: 'hello' }, 'its body'],
    ['no headers', { status: 200, body: new Uint8Array(0) }, 'it has no headers'],
    ['a status in words', { ...text(200, ''), status: '200' }, 'its status'],
    ['a status that is not final', { ...text(200, ''), status: 100 }, 'its status'],
    ['two headers in one', text(200, '', { x: 'a\r\nb: c' }), 'its header "x" has a line break'],
    ['a header of no name', text(200, '', { 'a b': '' }), '"a b" is no name of a header'],
    ['a number for a header', { ...text(200, ''), headers: { age: 1 } }, 'its header "age"'],
    ['trailers', text(200, '', { trailer: 'x' }), '"trailer"'],
  ])('whose handler answers with %s is a 500, and the log says why', async (_what, answer, why) => {
    const sim = new Simulation();
    const node = new ProcessManager({ runtime: sim.node().runtime, address: '10.0.0.1:5050' });
    class Wrong extends Process {
      protected override initialize(): void {
        this.route('/x', () => answer as Response);
      }
    }
    node.spawn(new Wrong('wrong'));
    await sim.settle();
    const head = { method: 'GET', headers: {}, body: new Uint8Array(0), remoteAddress: '' };
    const asked = await sim.complete(node.http({ ...head, path: '/wrong/x', query: {} }));
    expect(asked.status).toBe(500);
    expect(node.counters.faults).toBe(0);
    const [line] = sim.logs.filter(({ level }) => level === 'error');
    expect(line?.message).toBe('An HTTP handler failed');
    expect(String(line?.fields['error'])).toContain(`Failed to answer 'GET /wrong/x': `);
    expect(String(line?.fields['error'])).toContain(why);
  });

  test('whose answer is none has its stream closed', async () => {
    const sim = new Simulation();
    const node = new ProcessManager({ runtime: sim.node().runtime, address: '10.0.0.1:5050' });
    const { reader, writer } = new Pipe();
    class Wrong extends Process {
      protected override initialize(): void {
        this.route('/', () => ({ status: 0, headers: {}, body: reader }));
      }
    }
    node.spawn(new Wrong('wrong'));
    await sim.settle();
    const head = { method: 'GET', headers: {}, body: new Uint8Array(0), remoteAddress: '' };
    await sim.complete(node.http({ ...head, path: '/wrong', query: {} }));
    expect(writer.readerClosed().isReady).toBe(true);
  });
});
