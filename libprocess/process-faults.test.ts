import assert from 'node:assert/strict';
import { describe, expect, test } from '@jest/globals';
import {
  cast,
  delay,
  dispatch,
  Future,
  Message,
  Process,
  ProcessManager,
  protocol,
  ProtobufProcess,
  remote,
  RemoteProcess,
  shape,
  Supervisor,
  tell,
  UPID,
  type ExitReason,
  type MessageType,
  type PID,
} from './index.ts';
import { Simulation } from './sim/index.ts';

const Text: MessageType<string> = {
  fullName: 'test.Text',
  encode: (text) => new TextEncoder().encode(text),
  decode: (body) => new TextDecoder().decode(body),
};

const PEER = new UPID('peer', '10.0.0.2:5050');

/** A node that ends no program: what its `onFatal` hears of is kept. */
function world() {
  const sim = new Simulation();
  const fatal: unknown[] = [];
  const { runtime } = sim.node();
  const onFatal = (error: unknown): void => void fatal.push(error);
  const node = new ProcessManager({ runtime, address: '10.0.0.1:5050', onFatal });
  return { sim, node, fatal };
}

type Trouble = () => void;

/** Gets into trouble in whatever part of its life is asked for. */
class Troubled extends ProtobufProcess {
  readonly #part: string;
  readonly #trouble: Trouble;

  constructor(part: string, trouble: Trouble) {
    super('troubled');
    this.#part = part;
    this.#trouble = trouble;
    this.install(Text, () => this.#at('install'));
    this.installRaw('raw', () => this.#at('installRaw'));
  }
  protected override initialize(): void {
    if (this.#part === 'delay') this.delay(10, () => this.#at('delay'));
    this.link(PEER);
    return this.#at('initialize');
  }
  protected override finalize(): void {
    return this.#at('finalize');
  }
  protected override exited(): void {
    return this.#at('exited');
  }
  told(): void {
    return this.#at('tell');
  }
  delayed(): void {
    return this.#at('delayed call');
  }
  deferring(): void {
    Future.ready(1).onReady(this.defer(() => this.#at('defer')));
  }
  #at(part: string): void {
    return part === this.#part ? this.#trouble() : undefined;
  }
}

class Watcher extends Process {
  readonly heard: ExitReason[] = [];
  watch(upid: UPID): void {
    this.link(upid);
  }
  protected override exited(_upid: UPID, reason: ExitReason): void {
    this.heard.push(reason);
  }
}

/** All that can come to a process, from a peer and from itself. */
function stir(node: ProcessManager, pid: PID<Troubled>): void {
  const body = new TextEncoder().encode('trouble');
  for (const name of ['raw', Text.fullName])
    node.deliver(Message.ofBytes({ name, from: PEER, to: pid }, body));
  tell(pid, 'told');
  delay(10, pid, 'delayed');
  dispatch(pid, 'deferring');
}

const PARTS = [
  'install',
  'installRaw',
  'initialize',
  'finalize',
  'exited',
  'delay',
  'tell',
  'delayed call',
  'defer',
];
const ERRORS: readonly [string, Trouble][] = [
  ['throws', () => outOfLuck()],
  ['asserts', () => assert.fail('out of luck')],
  ['rejects', () => Promise.reject(new Error('out of luck'))],
  ['asserts later', () => Promise.resolve().then(() => assert.fail('out of luck'))],
];
function outOfLuck(): never {
  throw new RangeError('out of luck');
}

describe('a process', () => {
  test.each(ERRORS.flatMap(([how, trouble]) => PARTS.map((part) => ({ part, how, trouble }))))(
    'that $how in $part ends, alone',
    async ({ part, how, trouble }) => {
      const { sim, node, fatal } = world();
      const watcher = new Watcher('watcher');
      const watching = node.spawn(watcher);
      const pid = node.spawn(new Troubled(part, trouble));
      tell(watching, 'watch', pid);
      stir(node, pid);
      await sim.advance(10);
      node.terminate(pid);
      await sim.advance(10);
      expect([node.has('troubled'), node.has('watcher')]).toEqual([false, true]);
      // Of what `finalize` rejects with later, nobody can have been told.
      const late = part === 'finalize' && !['throws', 'asserts'].includes(how);
      expect(watcher.heard).toEqual([late ? 'ended' : 'failed']);
      expect(fatal).toHaveLength(how.startsWith('asserts') ? 1 : 0);
      const lines = sim.logs.filter(({ message }) => message.startsWith('A handler threw'));
      expect(lines).toHaveLength(1);
      expect(lines[0]?.fields['error']).toMatchObject({
        message: 'out of luck',
        stack: expect.stringContaining('process-faults.test') as unknown,
      });
    },
  );

  test('names in the log what it was handling, and whose message', async () => {
    const { sim, node } = world();
    stir(node, node.spawn(new Troubled('install', outOfLuck)));
    await sim.advance(10);
    expect(sim.logs[0]?.fields).toMatchObject({ event: Text.fullName, from: PEER.toString() });
  });

  test('that rejects in an async cast of another node ends, alone', async () => {
    const { sim, node } = world();
    const notes = protocol('notes', { note: cast(shape.string) });
    class Notes extends RemoteProcess {
      constructor() {
        super('notes');
        this.serve(notes, {
          note: () => Promise.reject(new Error('out of luck')) as never,
        });
      }
    }
    const pid = node.spawn(new Notes());
    remote(node, notes, pid).note('a');
    await sim.advance(0);
    expect([node.has(pid.id), node.counters.faults]).toEqual([false, 1]);
  });

  test('that asserts on what a peer has sent is started again by its supervisor', async () => {
    const { sim, node, fatal } = world();
    const started: PID<Process>[] = [];
    node.spawn(
      new Supervisor('supervisor', {
        limits: { intensity: 3, period: '5s' },
        children: [
          {
            id: 'troubled',
            start: () => new Troubled('installRaw', () => assert.fail('out of luck')),
            started: (pid) => void started.push(pid),
          },
        ],
      }),
    );
    await sim.advance(0);
    const to = new UPID('troubled', node.address);
    for (let i = 0; i < 2; i += 1) {
      node.deliver(Message.ofBytes({ name: 'raw', from: PEER, to }, new Uint8Array(0)));
      await sim.advance(1_000);
    }
    expect([started.length, node.has('troubled'), fatal.length]).toEqual([3, true, 2]);
  });
});

describe('a node', () => {
  test('outlives failed assertions, of callbacks too, unless it was told to stop', async () => {
    const sim = new Simulation();
    const { onFatal: stop, ...runtime } = sim.node().runtime;
    const node = new ProcessManager({ runtime, address: '10.0.0.1:5050' });
    const pid = node.spawn(new Troubled('installRaw', () => assert.fail('out of luck')));
    dispatch(pid, 'deferring').onReady(() => assert.fail('out of luck'));
    await sim.advance(0);
    stir(node, pid);
    await sim.advance(10);
    expect([node.has('troubled'), node.counters.faults]).toEqual([false, 2]);
    expect(() => stop?.(new Error('out of luck'))).toThrow('out of luck');
  });

  test('of a simulated world stops that, so that its test hears of it', async () => {
    const sim = new Simulation();
    const { runtime } = sim.node();
    const node = new ProcessManager({ runtime, address: '10.0.0.1:5050' });
    stir(node, node.spawn(new Troubled('install', () => assert.fail('out of luck'))));
    await expect(sim.advance(10)).rejects.toThrow('out of luck');
  });
});
