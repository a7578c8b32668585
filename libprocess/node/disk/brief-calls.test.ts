import { expect, test } from '@jest/globals';
import { BriefCalls } from './brief-calls.ts';

function setUp() {
  let nowMs = 0;
  const done: string[] = [];
  return {
    done,
    calls: new BriefCalls(() => nowMs),
    /** A call that takes so long in this thread. */
    call: (name: string, takesMs = 0) => ({
      what: name,
      brief: () => {
        nowMs += takesMs;
        done.push(`${name} brief`);
      },
      pooled: () => {
        done.push(`${name} pooled`);
        return Promise.resolve();
      },
    }),
    pass: (ms: number) => (nowMs += ms),
  };
}

test('brief calls are made at once, until their share of the turn is used up', async () => {
  const { calls, call, done } = setUp();
  const all = ['a', 'b', 'c', 'd'].map((name) => calls.run(call(name, 1)));
  expect(done).toEqual(['a brief', 'b brief']);
  await Promise.all(all);
  expect(done).toEqual(['a brief', 'b brief', 'c brief', 'd brief']);
});

test('after one that was made to wait for the disk, the thread pool has the next, nine times as long', async () => {
  const { calls, call, done, pass } = setUp();
  await calls.run(call('a', 6));
  pass(53);
  await calls.run(call('b'));
  pass(1);
  await calls.run(call('c', 20));
  pass(179);
  await calls.run(call('d'));
  expect(done).toEqual(['a brief', 'b pooled', 'c brief', 'd pooled']);
});

test('a failure says what was tried, either way', async () => {
  const { calls } = setUp();
  const fail = (): never => {
    throw Object.assign(new Error('no'), { code: 'ENOSPC' });
  };
  const failing = {
    what: "write '/a'",
    brief: fail,
    pooled: () => Promise.reject(new Error('no')),
  };
  await expect(calls.run(failing)).rejects.toMatchObject({
    code: 'ENOSPC',
    message: "Failed to write '/a': no space left on device",
  });
});
