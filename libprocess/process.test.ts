import { describe, expect, test } from '@jest/globals';
import type { Runtime } from './runtime.ts';
import {
  dispatch,
  Message,
  ProcessManager,
  Process,
  ProtobufProcess,
  SILENT_LOGGER,
  UPID,
  type MessageType,
} from './index.ts';

/** A runtime that only schedules, in order, when `settle` is called. */
function loop(): { runtime: Runtime; settle: () => void } {
  const queue: (() => void)[] = [];
  const runtime = {
    clock: {
      now: () => 0,
      monotonic: () => 0,
      nanoseconds: () => 0n,
      timer: () => ({ [Symbol.dispose]: () => undefined }),
    },
    logger: SILENT_LOGGER,
    schedule: (thunk: () => void) => void queue.push(thunk),
  } as unknown as Runtime;
  return {
    runtime,
    settle: () => {
      for (let next = queue.shift(); next; next = queue.shift()) next();
    },
  };
}

class Counter extends Process {
  #count = 0;
  readonly seen: string[] = [];
  protected override initialize(): void {
    this.seen.push('initialize');
  }
  protected override finalize(): void {
    this.seen.push('finalize');
  }
  protected override exited(upid: UPID): void {
    this.seen.push(`exited ${upid.id}`);
  }
  add(by: number): number {
    return (this.#count += by);
  }
  watch(upid: UPID): void {
    this.link(upid);
  }
  explode(): void {
    this.defer(() => {
      throw new Error('boom');
    })();
  }
}

describe('a process', () => {
  test('initializes first, handles dispatches in order, finalizes last', () => {
    const { runtime, settle } = loop();
    const node = new ProcessManager({ runtime, address: '127.0.0.1:1' });
    const counter = new Counter('counter');
    const pid = node.spawn(counter);
    const first = dispatch(pid, 'add', 1);
    const second = dispatch(pid, 'add', 2);
    node.terminate(pid, { inject: false });
    settle();
    expect([first.value, second.value]).toEqual([1, 3]);
    expect(counter.seen).toEqual(['initialize', 'finalize']);
  });

  test('abandons what was dispatched to it before an injected terminate', () => {
    const { runtime, settle } = loop();
    const node = new ProcessManager({ runtime, address: '127.0.0.1:1' });
    const pid = node.spawn(new Counter('counter'));
    const sum = dispatch(pid, 'add', 1);
    node.terminate(pid);
    settle();
    expect(sum.isAbandoned).toBe(true);
    expect(dispatch(pid, 'add', 1).isAbandoned).toBe(true);
  });

  test('that throws ends alone, and its linkers hear of it once', () => {
    const { runtime, settle } = loop();
    const node = new ProcessManager({ runtime, address: '127.0.0.1:1' });
    const watcher = new Counter('watcher');
    const watching = node.spawn(watcher);
    const failing = node.spawn(new Counter('failing'));
    void dispatch(watching, 'watch', failing);
    void dispatch(failing, 'explode');
    settle();
    expect(watcher.seen).toEqual(['initialize', 'exited failing']);
    expect(node.counters.faults).toBe(1);
    expect(node.has('failing')).toBe(false);
  });

  test('does not get what the filter of its node loses', () => {
    const { runtime, settle } = loop();
    const node = new ProcessManager({ runtime, address: '127.0.0.1:1' });
    const heard: string[] = [];
    const from = new UPID('anyone', '127.0.0.1:2');
    const type = (fullName: string): MessageType<string> => ({
      fullName,
      encode: (text) => new TextEncoder().encode(text),
      decode: (body) => new TextDecoder().decode(body),
    });
    class Listener extends ProtobufProcess {
      constructor() {
        super('listener');
        for (const name of ['kept', 'lost']) this.install(type(name), (_, m) => heard.push(m));
      }
    }
    const to = node.spawn(new Listener());
    const seen: string[] = [];
    node.filter = ({ name }) => {
      seen.push(name);
      return name === 'lost' ? 'drop' : 'deliver';
    };
    node.deliver(Message.ofBytes({ name: 'lost', from, to }, Buffer.from('one')));
    node.deliver(Message.ofBytes({ name: 'kept', from, to }, Buffer.from('two')));
    settle();
    expect([seen, heard]).toEqual([['lost', 'kept'], ['two']]);
  });
});
