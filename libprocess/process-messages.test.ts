import { describe, expect, test } from '@jest/globals';
import { ProcessManager, ProtobufProcess, tell, UPID, type MessageType } from './index.ts';
import { Simulation } from './sim/index.ts';

const world = () => {
  const sim = new Simulation();
  const fatal: unknown[] = [];
  const { runtime } = sim.node();
  const onFatal = (error: unknown): void => void fatal.push(error);
  const node = new ProcessManager({ runtime, address: '10.0.0.1:5050', onFatal });
  return { sim, node, fatal };
};
const settle = (sim: Simulation): Promise<void> => sim.advance(0);

const Text: MessageType<string> = {
  fullName: 'test.Text',
  encode: (text) => new TextEncoder().encode(text),
  decode: (body) => new TextDecoder('utf8', { fatal: true }).decode(body),
};

class Speaker extends ProtobufProcess {
  readonly heard: string[] = [];
  constructor(id: string, delegateTo?: UPID) {
    super(id);
    if (delegateTo) this.delegate(Text.fullName, delegateTo);
    else {
      this.install(Text, (from, text) => {
        this.heard.push(`${from.id}: ${text}`);
        if (text === 'ping') this.reply(Text, 'pong');
      });
    }
  }
  say(to: UPID, text: string): void {
    this.send(to, Text, text);
  }
  raw(to: UPID, name: string, body: Uint8Array): void {
    this.post(to, name, body);
  }
  lateReply(): void {
    this.defer(() => {
      this.reply(Text, 'late');
    })();
  }
}

describe('messages', () => {
  test('reach their handlers by name; a reply goes to the sender', async () => {
    const { sim, node } = world();
    const [one, two] = [new Speaker('one'), new Speaker('two')];
    const [first, second] = [node.spawn(one), node.spawn(two)];
    tell(first, 'say', second, 'ping');
    await settle(sim);
    expect([one.heard, two.heard]).toEqual([['two: pong'], ['one: ping']]);
  });

  test('of a delegated name reach the other with the first sender [6014194]', async () => {
    const { sim, node } = world();
    const two = new Speaker('two');
    const one = new Speaker('one');
    const second = node.spawn(two);
    const front = node.spawn(new Speaker('front', second));
    tell(node.spawn(one), 'say', front, 'ping');
    await settle(sim);
    expect([two.heard, one.heard]).toEqual([['one: ping'], ['two: pong']]);
  });

  test('that are unknown, malformed or for nobody are counted and end nothing', async () => {
    const { sim, node } = world();
    const two = new Speaker('two');
    const [first, second] = [node.spawn(new Speaker('one')), node.spawn(two)];
    tell(first, 'raw', second, 'test.Unknown', new Uint8Array(0));
    for (let i = 0; i < 3; i += 1) tell(first, 'raw', second, Text.fullName, Uint8Array.of(0xff));
    tell(first, 'say', new UPID('nobody', node.address), 'hello');
    tell(first, 'say', second, 'hello');
    await settle(sim);
    expect(two.heard).toEqual(['one: hello']);
    expect(node.counters).toMatchObject({
      unknownMessages: 1,
      malformedMessages: 3,
      undeliverableMessages: 1,
      faults: 0,
    });
    expect(sim.logs.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  test('cannot be replied to outside of their handlers', async () => {
    const { sim, node, fatal } = world();
    const pid = node.spawn(new Speaker('one'));
    tell(pid, 'lateReply');
    await settle(sim);
    expect(String(fatal[0])).toContain('a message is being handled');
  });

  test('for a name reach whoever has it now', async () => {
    const { sim, node } = world();
    const old = node.spawn(new Speaker('name'));
    node.terminate(old);
    await settle(sim);
    const successor = new Speaker('name');
    node.spawn(successor);
    tell(node.spawn(new Speaker('one')), 'say', old, 'hello');
    await settle(sim);
    expect(successor.heard).toEqual(['one: hello']);
  });
});
