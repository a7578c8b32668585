import { describe, expect, test } from '@jest/globals';
import {
  BasicAuthenticator,
  CombinedAuthenticator,
  DisabledEndpointsFirewallRule,
  Future,
  FuturePromise,
  JWT,
  JWTAuthenticator,
  Process,
  startNode,
  text,
  type AuthenticationResult,
  type Authenticator,
  type Headers,
  type Principal,
  type ProcessManager,
} from '../../../libprocess/index.ts';
import { Simulation } from '../../../libprocess/sim/index.ts';

const REALM = 'realm';

class Server extends Process {
  readonly served: [path: string, principal: Principal | undefined][] = [];

  constructor() {
    super('server');
    this.route('/closed', ({ path }, principal) => this.#serve(path, principal), { realm: REALM });
    this.route('/open', ({ path }, principal) => this.#serve(path, principal));
    this.route('/open/nested', ({ path }, principal) => this.#serve(path, principal));
  }

  #serve(path: string, principal: Principal | undefined) {
    this.served.push([path, principal]);
    return text(200, 'served');
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

interface World {
  readonly sim: Simulation;
  readonly server: Server;
  readonly node: ProcessManager;
  ask(path: string, headers?: Headers): Future<Answer>;
  get(path: string, headers?: Headers): Promise<Answer>;
}

async function world(): Promise<World> {
  const sim = new Simulation();
  const { runtime, machine } = sim.node();
  const node = await sim.complete(startNode({ runtime, ip: machine.ip, delegate: 'server' }));
  const server = new Server();
  node.spawn(server);
  const ask = (path: string, headers: Headers = {}): Future<Answer> => {
    const request = { method: 'GET', path, query: {}, headers, body: new Uint8Array(0) };
    return node.http({ ...request, remoteAddress: '10.0.0.9:1' }).then((response) => ({
      ...response,
      body: response.body instanceof Uint8Array ? new TextDecoder().decode(response.body) : '',
    }));
  };
  return { sim, server, node, ask, get: (path, headers) => sim.complete(ask(path, headers)) };
}

/** Answers as it is told, in the order in which it is told. */
class Told implements Authenticator {
  readonly scheme = 'Told';
  readonly asked: FuturePromise<AuthenticationResult>[] = [];

  authenticate(): Future<AuthenticationResult> {
    const promise = new FuturePromise<AuthenticationResult>();
    this.asked.push(promise);
    return promise.future;
  }
}

const always = (result: AuthenticationResult, scheme = 'Always'): Authenticator => ({
  scheme,
  authenticate: () => result,
});
const user = (value: string): AuthenticationResult => ({
  kind: 'authenticated',
  principal: { value, claims: {} },
});
const basic = (credentials: string): Headers => ({
  authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
});

describe('a route in a realm', () => {
  test('serves nobody in particular where the realm has no authenticator [81308cd]', async () => {
    const { server, get } = await world();
    expect((await get('/server/closed')).status).toBe(200);
    expect(server.served).toEqual([['/server/closed', undefined]]);
  });

  test('answers 401 with the challenges of its authenticator, and is not called [f59cea7]', async () => {
    const { node, server, get } = await world();
    const challenges = ['Basic realm="a"', 'Bearer realm="b"'];
    node.access.setAuthenticator(REALM, always({ kind: 'unauthorized', challenges }));
    expect(await get('/server/closed')).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="a", Bearer realm="b"' },
      body: '401 Unauthorized.',
    });
    expect((await get('/closed/below')).status).toBe(401);
    expect(server.served).toEqual([]);
    expect((await get('/server/open')).status).toBe(200);
    node.access.unsetAuthenticator(REALM);
    expect((await get('/server/closed')).status).toBe(200);
  });

  test('is not got around by another spelling of its path', async () => {
    const { node, server, get } = await world();
    node.access.setAuthenticator(REALM, always({ kind: 'unauthorized', challenges: ['Always'] }));
    for (const path of ['/server/%63losed', '/%73erver/%63lose%64/below', '/%63losed'])
      expect([path, (await get(path)).status]).toEqual([path, 401]);
    expect((await get('/server/open%2Fnested')).status).toBe(404);
    expect(server.served).toEqual([]);
  });

  test('answers 403 without a challenge where its authenticator forbids [260050a]', async () => {
    const { node, server, get } = await world();
    node.access.setAuthenticator(REALM, always({ kind: 'forbidden' }));
    const { status, headers, body } = await get('/server/closed');
    expect([status, headers['www-authenticate'], body]).toEqual([403, undefined, '403 Forbidden.']);
    expect(server.served).toEqual([]);
  });

  test('is given the principal [f8a7cbb]', async () => {
    const { node, server, get } = await world();
    node.access.setAuthenticator(REALM, always(user('ada')));
    expect((await get('/server/closed')).status).toBe(200);
    expect(server.served).toEqual([['/server/closed', { value: 'ada', claims: {} }]]);
  });

  test('is not called for a principal that is nobody, nor when the authenticator fails [7fd2941]', async () => {
    const { node, server, get } = await world();
    const nobody = { kind: 'authenticated', principal: { claims: {} } } as const;
    node.access.setAuthenticator(REALM, always(nobody));
    expect((await get('/server/closed')).status).toBe(500);
    const broken = { scheme: 'Broken', authenticate: () => Future.failed(new Error('secret')) };
    node.access.setAuthenticator(REALM, broken);
    const { status, body } = await get('/server/closed');
    expect(status).toBe(500);
    expect(body).not.toContain('secret');
    expect(server.served).toEqual([]);
  });

  test('is not called if its authenticator has no result in time, and holds up nobody longer', async () => {
    const { sim, node, server, ask } = await world();
    const told = new Told();
    node.access.setAuthenticator(REALM, told);
    const [closed, open] = [ask('/closed/1'), ask('/open/2')];
    await sim.advance(29_999);
    expect([closed.isPending, open.isPending]).toEqual([true, true]);
    await sim.advance(1);
    expect([closed.value.status, open.value.status]).toEqual([503, 200]);
    expect(told.asked[0]?.future.hasDiscard).toBe(true);
    told.asked[0]?.set(user('late'));
    await sim.settle();
    expect(server.served.map(([path]) => path)).toEqual(['/open/2']);
    expect(sim.logs.map(({ level, fields }) => [level, String(fields['error'])])).toEqual([
      ['error', expect.stringMatching("within 30 s who may request '/server/closed'$")],
    ]);
  });

  test('nor if its authorization callback has none', async () => {
    const { sim, node, server, ask } = await world();
    node.access.setAuthorizationCallbacks({ '/server/closed': () => new Promise(() => undefined) });
    const answers = [ask('/closed/1'), ask('/closed/2'), ask('/open/3')];
    await sim.advance(30_000);
    expect(answers.map(({ value }) => value.status)).toEqual([503, 503, 200]);
    expect(server.served.map(([path]) => path)).toEqual(['/open/3']);
  });

  test('is called in the order of the requests, whoever is known first [7c1432b]', async () => {
    const { sim, node, server, ask } = await world();
    const told = new Told();
    node.access.setAuthenticator(REALM, told);
    const answers = ['/closed/1', '/closed/2', '/open/3', '/closed/4'].map((path) => ask(path));
    await sim.settle();
    expect(told.asked).toHaveLength(3);
    told.asked[2]?.set(user('third'));
    told.asked[1]?.set({ kind: 'forbidden' });
    await sim.settle();
    expect(answers.every((answer) => answer.isPending)).toBe(true);
    told.asked[0]?.set(user('first'));
    await sim.settle();
    expect(answers.map(({ value }) => value.status)).toEqual([200, 403, 200, 200]);
    expect(server.served.map(([path, who]) => [path, who?.value])).toEqual([
      ['/closed/1', 'first'],
      ['/open/3', undefined],
      ['/closed/4', 'third'],
    ]);
  });
});

describe('the basic authenticator', () => {
  test.each<[string, Headers, number]>([
    ['no credentials', {}, 401],
    ['a wrong password', basic('user:wrong'), 401],
    ['no password', basic('user:'), 401],
    ['a wrong user', basic('wrong:pass:word'), 401],
    ['a name of every object', basic('constructor:'), 401],
    ['no colon', basic('user'), 401],
    ['another scheme', { authorization: 'basic dXNlcjpwYXNzOndvcmQ=' }, 401],
    ['what is no base64', { authorization: 'Basic !!!' }, 401],
    ['two blanks', { authorization: 'Basic  dXNlcjpwYXNzOndvcmQ=' }, 401],
    ['the right ones', basic('user:pass:word'), 200],
  ])('answers %s with %j: %i [3e974eb]', async (_what, headers, status) => {
    const { node, server, get } = await world();
    const credentials = { user: 'pass:word' };
    node.access.setAuthenticator(REALM, new BasicAuthenticator({ realm: 'mesos', credentials }));
    const answer = await get('/server/closed', headers);
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.headers['www-authenticate']).toBe('Basic realm="mesos"');
    expect(server.served).toEqual(
      status === 200 ? [['/server/closed', { value: 'user', claims: {} }]] : [],
    );
  });
});

describe('the JWT authenticator', () => {
  const KEY = { alg: 'HS256', secret: 'secret' } as const;
  const bearer = (claims: Readonly<Record<string, unknown>>, secret = 'secret'): Headers => ({
    authorization: `Bearer ${String(JWT.create(claims, { alg: 'HS256', secret }))}`,
  });

  test.each<[string, Headers, RegExp]>([
    ['no token', {}, /^Bearer realm="realm"$/],
    ['another scheme', basic('user:password'), /Scheme 'Basic' unsupported"$/],
    ['no token after the scheme', { authorization: 'Bearer' }, /Malformed 'Authorization' header/],
    ['a malformed token', { authorization: 'Bearer x' }, /Invalid JWT: Expected 3 components/],
    ['quotes', { authorization: '"a\\ b' }, /Scheme '\\"a\\\\' unsupported/],
    ['a token of another secret', bearer({ sub: 'user' }, 'other'), /signature does not match/],
    ['a token that has expired', bearer({ exp: 1 }), /Token has expired/],
    ['a token that claims nothing', bearer({}), /JWT claims missing/],
  ])('answers %s with 401 [d714669]', async (_what, headers, expected) => {
    const { node, get } = await world();
    const { clock } = node.runtime;
    node.access.setAuthenticator(REALM, new JWTAuthenticator({ realm: REALM, key: KEY, clock }));
    const { status, headers: answered } = await get('/server/closed', headers);
    expect(status).toBe(401);
    expect(answered['www-authenticate']).toMatch(expected);
  });

  test('lets in who has a token, with its claims as texts [d714669]', async () => {
    const { node, server, get } = await world();
    const { clock } = node.runtime;
    node.access.setAuthenticator(REALM, new JWTAuthenticator({ realm: REALM, key: KEY, clock }));
    const headers = bearer({ foo: 1_234, sub: 'user', on: true });
    expect((await get('/server/closed', headers)).status).toBe(200);
    const [, principal] = server.served[0] ?? [];
    expect({ ...principal?.claims }).toEqual({ foo: '1234', sub: 'user', on: 'true' });
  });
});

describe('authenticators that are combined', () => {
  const unauthorized = (challenge: string, body?: string): AuthenticationResult => ({
    kind: 'unauthorized',
    challenges: [challenge],
    ...(body !== undefined && { body }),
  });
  const failing: Authenticator = {
    scheme: 'Failing',
    authenticate: () => {
      throw new Error('broken');
    },
  };

  test.each<[string, Authenticator[], Partial<Answer>]>([
    ['the first who knows', [always(unauthorized('A')), always(user('ada'))], { status: 200 }],
    ['in spite of a failure', [failing, always(user('ada'))], { status: 200 }],
    [
      'all challenges in their order',
      [
        always(unauthorized('A', 'a'), 'One'),
        always({ kind: 'forbidden' }),
        always(unauthorized('B')),
      ],
      {
        status: 401,
        headers: { 'content-type': 'text/plain; charset=utf-8', 'www-authenticate': 'A, B' },
        body: '"One" authenticator returned:\na',
      },
    ],
    ['403 without a challenge', [failing, always({ kind: 'forbidden' })], { status: 403 }],
    ['500 when all failed', [failing, failing], { status: 500 }],
    ['403 when there are none', [], { status: 403 }],
  ])('answer with %s', async (_what, authenticators, expected) => {
    const { node, get } = await world();
    node.access.setAuthenticator(REALM, new CombinedAuthenticator(authenticators));
    expect(await get('/server/closed')).toMatchObject(expected);
  });
});

test('an authorization callback of an endpoint sees request and principal, and may refuse', async () => {
  const { node, server, get } = await world();
  node.access.setAuthenticator(REALM, always(user('ada')));
  const asked: [string, string | undefined][] = [];
  node.access.setAuthorizationCallbacks({
    '/server/closed': ({ path }, principal) => {
      asked.push([path, principal?.value]);
      return path.endsWith('/yes');
    },
    '/metrics/snapshot': () => Future.ready(false),
    '/__processes__': () => Promise.reject(new Error('out of order')),
  });
  expect((await get('/closed/yes')).status).toBe(200);
  expect(await get('/server/closed')).toMatchObject({ status: 403, body: '403 Forbidden.' });
  expect((await get('/metrics/snapshot')).status).toBe(403);
  expect((await get('/__processes__')).status).toBe(500);
  expect((await get('/server/open')).status).toBe(200);
  expect(asked).toEqual([
    ['/closed/yes', 'ada'],
    ['/server/closed', 'ada'],
  ]);
  expect(server.served).toHaveLength(2);
  node.access.unsetAuthorizationCallbacks();
  expect((await get('/metrics/snapshot')).status).toBe(200);
});

test.each(['metrics/snapshot', '/metrics/snapshot/', '//metrics//snapshot'])(
  'an authorization callback for %s is asked',
  async (path) => {
    const { node, get } = await world();
    node.access.setAuthorizationCallbacks({ [path]: () => false });
    expect((await get('/metrics/snapshot')).status).toBe(403);
  },
);

test('of two authorization callbacks for one endpoint none is passed over', async () => {
  const { node, get } = await world();
  const callbacks = { 'metrics/snapshot': () => false, '/metrics/snapshot': () => true };
  node.access.setAuthorizationCallbacks({ '/metrics': () => false });
  expect(() => {
    node.access.setAuthorizationCallbacks(callbacks);
  }).toThrow("Failed to set two authorization callbacks for '/metrics/snapshot'");
  expect((await get('/metrics')).status).toBe(403);
});

describe('a firewall', () => {
  test('whose rule throws lets nothing through, and the node goes on', async () => {
    const { node, server, get } = await world();
    const broken = {
      apply: () => {
        throw new Error('broken');
      },
    };
    node.access.installFirewall([broken]);
    for (const path of ['/server/open', '/nobody']) expect((await get(path)).status).toBe(500);
    expect(server.served).toEqual([]);
    node.access.installFirewall([]);
    expect((await get('/server/open')).status).toBe(200);
  });

  const rule = new DisabledEndpointsFirewallRule([
    '/server/closed',
    'server/open/nested/',
    '/server/open/*',
  ]);

  test.each([
    ['/server/closed', 403],
    ['/server/closed/', 403],
    ['/server/closed/below', 403],
    ['/closed', 403],
    ['//closed', 403],
    ['/%73erver/closed', 403],
    ['/server//closed', 403],
    ['/server/%63losed', 403],
    ['/server/open', 200],
    ['/server/open/nested', 403],
    ['/server/open/nested/path', 403],
    ['/server/open/other', 200],
    ['/help/server', 200],
    ['/metrics/snapshot', 200],
  ])('that closes endpoints answers %s with %i [f93c2e7]', async (path, status) => {
    const { node, server, get } = await world();
    node.access.installFirewall([rule]);
    const answer = await get(path);
    expect(answer.status).toBe(status);
    if (status === 403) {
      expect(answer.body).toMatch(/^Endpoint '.+' is disabled$/);
      expect(server.served).toEqual([]);
    }
  });

  test('is lifted by installing none [6dd7bfd]', async () => {
    const { node, get } = await world();
    node.access.installFirewall([rule]);
    expect((await get('/server/closed')).status).toBe(403);
    node.access.installFirewall([]);
    expect((await get('/server/closed')).status).toBe(200);
  });
});
