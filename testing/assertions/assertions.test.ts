import { describe, expect, test } from '@jest/globals';
import {
  Future,
  FuturePromise,
  Process,
  ProcessManager,
  type UPID,
} from '../../libprocess/index.ts';
import { Simulation } from '../../libprocess/sim/index.ts';
import { assertions, awaitReady } from './assertions.ts';
import { TestClock } from '../clock/test-clock.ts';
import { Filters } from '../filters/filters.ts';
import { injectExited } from './inject-exited.ts';

const pending = <T>(): Future<T> => new FuturePromise<T>().future;
const clock = TestClock.simulated();
const the = assertions(clock);

describe('assertions about a future', () => {
  test('give what it is, if it is that', async () => {
    const error = new RangeError('no');
    expect(await the.awaitReady(Future.ready(1))).toBe(1);
    expect(await the.awaitFailed(Future.failed(error))).toBe(error);
    await the.awaitDiscarded(Future.discarded());
    await the.awaitAbandoned(Future.abandoned());
    expect(await the.awaitEq({ a: [1] }, Future.ready({ a: [1] }))).toEqual({ a: [1] });
    await the.awaitTrue(Future.ready(true));
    await the.awaitFalse(Future.ready(false));
  });

  test.each<[string, () => Promise<unknown>]>([
    ['The future is failed, not ready: RangeError: no', () => the.awaitReady(failed())],
    ['The future is discarded, not ready', () => the.awaitReady(Future.discarded())],
    ['The future is abandoned, not ready', () => the.awaitReady(Future.abandoned())],
    ["The future is ready, not failed: 'yes'", () => the.awaitFailed(Future.ready('yes'))],
    ['The future is ready, not discarded: 1', () => the.awaitDiscarded(Future.ready(1))],
    ['The future is failed, not abandoned: RangeError: no', () => the.awaitAbandoned(failed())],
    ['The future is { a: 1 }, not { a: 2 }', () => the.awaitEq({ a: 2 }, Future.ready({ a: 1 }))],
    ['The future is false, not true', () => the.awaitTrue(Future.ready(false))],
  ])('say: %s', async (message, assertion) => {
    await expect(assertion()).rejects.toMatchObject({ code: 'OTHERWISE', message });
  });

  test('wait for 15 s of their time, and say so', async () => {
    const beganMs = clock.now();
    await expect(the.awaitReady(pending())).rejects.toMatchObject({
      code: 'NEVER',
      message: 'Waited 15secs in vain for a future, which is pending',
    });
    expect(clock.now() - beganMs).toBe(15_000);
    await expect(the.awaitReady(pending(), { within: '1mins' })).rejects.toThrow('Waited 1mins');
    expect(clock.now() - beganMs).toBe(75_000);
  });

  test('without a clock wait in real time', async () => {
    const promise = new FuturePromise<number>();
    setImmediate(() => promise.set(7));
    expect(await awaitReady(promise.future)).toBe(7);
    await expect(awaitReady(pending(), { within: 1 })).rejects.toThrow('Waited 1ms in vain');
  });
});

describe('assertions about a response', () => {
  const response = {
    status: 404,
    headers: { 'Content-Type': 'text/plain' },
    body: new TextEncoder().encode('no such thing'),
  };

  test('hold if all that is expected is there', async () => {
    const expected = { status: 404, body: /such/, headers: { 'content-type': 'text/plain' } };
    expect(await the.awaitResponse(expected, Future.ready(response))).toBe(response);
    await the.awaitResponse({ headers: { etag: undefined } }, Future.ready(response));
  });

  test('say all that is not', async () => {
    const expected = { status: 200, body: 'thing', headers: { ETag: '"1"' } };
    await expect(the.awaitResponse(expected, Future.ready(response))).rejects.toThrow(
      `Status is 404, not 200; Body is not 'thing'; Header 'ETag' is undefined, not '"1"'\n` +
        `The response was 404 'no such thing'`,
    );
  });
});

describe('assertions about the end of a subprocess', () => {
  test('tell codes and signals apart', async () => {
    await the.awaitExited(undefined, Future.ready({ code: 3 }));
    await the.awaitExited(3, Future.ready({ code: 3 }));
    await the.awaitSignaled('SIGTERM', Future.ready({ signal: 'SIGTERM' }));
    await expect(the.awaitExited(0, Future.ready({ signal: 'SIGTERM' }))).rejects.toThrow(
      'The process has ended by SIGTERM, and not with code 0',
    );
    await expect(the.awaitSignaled('SIGKILL', Future.ready({ code: 0 }))).rejects.toThrow(
      'The process has ended with code 0, and not by SIGKILL',
    );
  });
});

class Linker extends Process {
  readonly exits: string[] = [];

  protected override exited(upid: UPID): void {
    this.exits.push(upid.toString());
  }
}

describe('an exit that is injected', () => {
  test('is told to a process as any other, and seen by filters [73cb355]', async () => {
    const sim = new Simulation();
    const node = new ProcessManager({ runtime: sim.node().runtime, address: '10.0.0.1:5050' });
    const linker = new Linker('linker');
    const pid = node.spawn(linker);
    const other = node.spawn(new Linker('other'));
    using filters = new Filters(node);
    const seen = filters.futureExited();
    expect(injectExited(other, pid)).toBe(true);
    await sim.settle();
    expect([linker.exits, seen.future.value]).toEqual([[other.toString()], other]);
    node.terminate(pid);
    await sim.settle();
    expect(injectExited(other, pid)).toBe(false);
  });
});

const failed = (): Future<number> => Future.failed(new RangeError('no'));
