import { describe, expect, test } from '@jest/globals';
import { SILENT_LOGGER, type UpgradeRequest } from '../index.ts';
import type { Connection } from '../network.ts';
import { Simulation } from '../sim/index.ts';
import { REDIAL_AFTER_FAILURE_MS } from './limits.ts';
import { LinkTransport } from './link-transport.ts';

const HELLO = {
  'libprocess-from': '10.0.0.2:5051',
  'libprocess-incarnation': 'life-1',
  'libprocess-dial': '1',
  'sec-websocket-protocol': 'libprocess.1',
};

const nothing = (): undefined => undefined;

function transport(sim = new Simulation()): LinkTransport {
  const { runtime } = sim.node();
  const events = {
    arrived: nothing,
    flushSoon: nothing,
    deliver: nothing,
    lost: nothing,
    ended: nothing,
  };
  return new LinkTransport({
    runtime: { ...runtime, logger: SILENT_LOGGER },
    address: '10.0.0.1:5050',
    events: { ...events, has: () => false },
  });
}

const CONNECTION: Connection = {
  remoteAddress: '10.0.0.2:40000',
  bufferedBytes: 0,
  unfinishedBytes: 0,
  send: nothing,
  ping: nothing,
  pause: nothing,
  resume: nothing,
  close: nothing,
  terminate: nothing,
};

function upgrade(
  overrides: Record<string, string | undefined>,
  path = '/libprocess',
): UpgradeRequest {
  const headers: Record<string, string> = {};
  const all: Record<string, string | undefined> = { ...HELLO, ...overrides };
  for (const [name, value] of Object.entries(all)) if (value !== undefined) headers[name] = value;
  return { path, headers, remoteAddress: '10.0.0.2:40000' };
}

describe('an upgrade', () => {
  test.each<[string, UpgradeRequest, number]>([
    ['to another path', upgrade({}, '/'), 404],
    ['by a browser', upgrade({ origin: 'http://10.0.0.1:5050' }), 403],
    ['of another protocol', upgrade({ 'sec-websocket-protocol': 'libprocess.2' }), 426],
    ['of no protocol', upgrade({ 'sec-websocket-protocol': undefined }), 426],
    ['from nobody', upgrade({ 'libprocess-from': undefined }), 400],
    ['from a host name', upgrade({ 'libprocess-from': 'example.com:80' }), 400],
    ['from this very node', upgrade({ 'libprocess-from': '10.0.0.1:5050' }), 400],
    ['without an incarnation', upgrade({ 'libprocess-incarnation': '' }), 400],
    ['with an endless incarnation', upgrade({ 'libprocess-incarnation': 'x'.repeat(65) }), 400],
    ['without the number of its dial', upgrade({ 'libprocess-dial': undefined }), 400],
    ['with a dial of no number', upgrade({ 'libprocess-dial': '1e999' }), 400],
  ])('%s is refused, by a node that says who it is', (_what, request, status) => {
    const links = transport();
    const decision = links.upgrade(request);
    expect(decision).toMatchObject({ accept: false, status });
    expect(decision.headers['libprocess-incarnation']).toMatch(/^[0-9a-f-]{36}$/);
    expect(links.counters.refusedUpgrades).toBe(1);
  });

  test('that is accepted but never completed is not remembered', () => {
    const links = transport();
    for (let port = 1; port <= 1_000; port += 1) {
      const claim = upgrade({ 'libprocess-from': `10.0.0.2:${port}` });
      expect(links.upgrade(claim).accept).toBe(true);
    }
    expect(links.peers).toBe(0);
  });

  test('is refused once the node closes', async () => {
    const links = transport();
    await links[Symbol.asyncDispose]();
    expect(links.upgrade(upgrade({}))).toMatchObject({ accept: false, status: 503 });
  });

  test('that was given up before the last one is refused, also by a node that has forgotten the peer', async () => {
    const sim = new Simulation();
    const links = transport(sim);
    const dial = (number: number) => links.upgrade(upgrade({ 'libprocess-dial': String(number) }));
    const last = dial(2);
    if (!last.accept) throw new Error('The first dial is accepted');
    const events = last.opened(CONNECTION);
    expect(dial(1)).toMatchObject({ accept: false, status: 409 });
    events.onClose('the peer has closed');
    await sim.advance(REDIAL_AFTER_FAILURE_MS);
    expect(links.peers).toBe(0);
    expect(dial(1)).toMatchObject({ accept: false, status: 409 });
    expect(dial(3)).toMatchObject({ accept: true });
    expect(links.upgrade(upgrade({ 'libprocess-incarnation': 'life-2' }))).toMatchObject({
      accept: true,
    });
  });

  test('of a former life is refused if a later one was taken, whatever has happened since', () => {
    const links = transport();
    const taken = (life: string, number: number): boolean => {
      const decision = links.upgrade(
        upgrade({ 'libprocess-incarnation': life, 'libprocess-dial': String(number) }),
      );
      if (decision.accept) decision.opened(CONNECTION);
      return decision.accept;
    };
    expect(taken('life-1', 8)).toBe(true);
    expect(taken('life-2', 1)).toBe(true);
    expect(taken('life-1', 7)).toBe(false);
    expect(taken('life-3', 1)).toBe(true);
    expect(taken('life-1', 8)).toBe(false);
    expect(taken('life-2', 1)).toBe(false);
    expect(taken('life-3', 2)).toBe(true);
  });
});
