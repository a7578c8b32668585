import assert from 'node:assert/strict';
import { dispatch, Process } from 'mesos-ts/libprocess';
import { assertions, awaitFailed, Filters, TestClock } from 'mesos-ts/testing';

class Egg extends Process {
  boiled = false;

  boil() {
    this.delay('4mins', () => (this.boiled = true));
  }
  isBoiled() {
    return this.boiled;
  }
  fail() {
    throw new RangeError('cracked');
  }
}

async function stage(clock) {
  const node = await clock.startNode();
  clock.pause();
  return { clock, node, egg: node.spawn(new Egg('egg')), ...assertions(clock) };
}

/** The same tests under any runner: `test(name, work)` is all that it has to offer. */
export function actorSuite(test) {
  for (const make of [() => TestClock.simulated(), () => TestClock.real()]) {
    test('an egg takes four minutes', async () => {
      const { clock, egg, awaitEq } = await stage(make());
      dispatch(egg, 'boil');
      await clock.advance('3mins');
      await awaitEq(false, dispatch(egg, 'isBoiled'));
      await clock.advance('1mins');
      await awaitEq(true, dispatch(egg, 'isBoiled'));
      await clock[Symbol.asyncDispose]();
    });

    test('a call that is lost is abandoned', async () => {
      const { clock, node, egg, awaitReady, awaitAbandoned } = await stage(make());
      const filters = new Filters(node);
      const boil = filters.dropDispatch(egg, 'boil');
      await awaitAbandoned(dispatch(egg, 'boil'));
      assert.deepEqual(await awaitReady(boil), []);
      await clock[Symbol.asyncDispose]();
    });
  }

  test('a failure is waited for in real time', async () => {
    const clock = TestClock.real();
    const node = await clock.startNode();
    const egg = node.spawn(new Egg('egg'));
    assert.equal((await awaitFailed(dispatch(egg, 'fail'))).message, 'cracked');
    await clock[Symbol.asyncDispose]();
  });
}
