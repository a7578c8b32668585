import { describe, expect, test } from '@jest/globals';
import { PingSlaveMessage, PongSlaveMessage } from '../../../proto/index.ts';
import {
  ProcessManager,
  ProtobufProcess,
  reqRes,
  UPID,
  type Duration,
} from '../../../libprocess/index.ts';
import { Simulation } from '../../../libprocess/sim/index.ts';

class Ponging extends ProtobufProcess {
  constructor(id: string, answers = true) {
    super(id);
    this.install(PingSlaveMessage, () => {
      if (answers) this.reply(PongSlaveMessage, {});
    });
  }
  /** What nobody has asked it for. */
  intrude(node: ProcessManager): void {
    for (const { pid } of node.processes())
      if (pid.id.startsWith('__req_res__')) this.send(pid, PongSlaveMessage, {});
  }
}

const world = () => {
  const sim = new Simulation();
  const { runtime } = sim.node();
  const node = new ProcessManager({ runtime, address: '10.0.0.1:5050' });
  const ask = (id: string, address = node.address, timeout: Duration = '2s') =>
    reqRes(node, {
      to: new UPID(id, address),
      type: PingSlaveMessage,
      request: { connected: true },
      response: PongSlaveMessage,
      timeout,
    });
  const left = (): string[] => [...node.processes()].map(({ pid }) => pid.id);
  return { sim, node, ask, left };
};

describe('a request by wire messages', () => {
  test('is ready with the response, and leaves nothing behind', async () => {
    const { sim, node, ask, left } = world();
    node.spawn(new Ponging('pong'));
    const responses = [ask('pong'), ask('pong')];
    await sim.advance(0);
    expect([responses.map(({ value }) => value), left()]).toEqual([[{}, {}], ['pong']]);
  });

  test('counts only the response of whom it asked', async () => {
    const { sim, node, ask } = world();
    node.spawn(new Ponging('silent', false));
    const intruder = new Ponging('intruder');
    node.spawn(intruder);
    const response = ask('silent');
    await sim.advance(0);
    intruder.intrude(node);
    await sim.advance(0);
    expect(response.isPending).toBe(true);
  });

  test.each([
    ['nobody', '10.0.0.1:5050', 0, 'NO_SUCH_PROCESS'],
    ['nobody', '10.0.0.2:5050', 0, 'UNREACHABLE'],
    ['silent', '10.0.0.1:5050', 2_000, 'TIMED_OUT'],
  ])('to %s at %s fails after %d ms with %s', async (...[id, address, ms, code]) => {
    const { sim, node, ask, left } = world();
    node.spawn(new Ponging('silent', false));
    const response = ask(id, address);
    await sim.advance(Math.max(0, ms - 1));
    expect(response.isPending).toBe(ms > 0);
    await sim.advance(1);
    expect([response.error, left()]).toEqual([expect.objectContaining({ code }), ['silent']]);
  });

  test.each([Infinity, NaN])('with a deadline of %d is refused, and starts nothing', (timeout) => {
    const { node, ask, left } = world();
    expect(ask('pong', node.address, timeout).error).toMatchObject({ code: 'INVALID_DURATION' });
    expect(left()).toEqual([]);
  });

  test('may be discarded, and is abandoned if its node closes', async () => {
    const { sim, node, ask, left } = world();
    node.spawn(new Ponging('silent', false));
    const [given, kept] = [ask('silent'), ask('silent')];
    await sim.advance(0);
    given.discard();
    await sim.advance(0);
    expect([given.isDiscarded, left().length]).toEqual([true, 2]);
    await sim.complete(node[Symbol.asyncDispose]());
    expect(kept.isAbandoned).toBe(true);
    expect(ask('silent').error).toMatchObject({ name: 'RemoteCallError', code: 'NODE_CLOSED' });
  });
});
