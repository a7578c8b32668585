import { describe, expect, test } from '@jest/globals';
import { frameworkId } from '../../common/ids.ts';
import { UPID } from '../../libprocess/upid.ts';
import { Framework, type FrameworkState } from '../state/framework.ts';
import { decideSubscription, updatedInfo } from './subscription-decision.ts';

const HERE = new UPID('scheduler-1', '10.0.0.1:1');
const ELSEWHERE = new UPID('scheduler-1', '10.0.0.2:1');
const INFO = { user: 'root', name: 'f', id: { value: 'f-1' } };

const known = (state: FrameworkState, pid: UPID | undefined = HERE): Framework =>
  new Framework({
    id: frameworkId('f-1'),
    info: INFO,
    pid,
    state,
    registeredAtMs: 0,
    limits: { completedTasksMax: 1, unreachableTasksMax: 1 },
  });

const subscription = (more: Partial<Parameters<typeof decideSubscription>[0]>) => ({
  from: HERE,
  info: INFO,
  force: false,
  known: undefined,
  sender: undefined,
  completed: false,
  replaced: false,
  ...more,
});

describe('a scheduler that subscribes', () => {
  const { id: _id, ...nameless } = INFO;
  test.each([
    ['without an id is admitted', { info: nameless }, 'admit'],
    [
      'without an id, known at its address, is answered again',
      { info: nameless, sender: known('active') },
      'repeat',
    ],
    [
      'without an id, whose connection was lost before it heard its own, is reactivated',
      { info: nameless, sender: known('disconnected') },
      'reactivate',
    ],
    ['with an id that nobody knows is recovered', {}, 'recover'],
    ['of a framework that is over is refused', { completed: true }, 'refuse'],
    ['that agents told of is reactivated', { known: known('recovered', undefined) }, 'reactivate'],
    ['at its address again resubscribes', { known: known('active') }, 'resubscribe'],
    [
      'at its address after a disconnection resubscribes',
      { known: known('disconnected') },
      'resubscribe',
    ],
    ['from elsewhere is refused', { known: known('active', ELSEWHERE) }, 'refuse'],
    [
      'from elsewhere is refused even if the other is gone',
      { known: known('disconnected', ELSEWHERE) },
      'refuse',
    ],
    [
      'from elsewhere that insists takes over',
      { known: known('active', ELSEWHERE), force: true },
      'failOver',
    ],
    [
      'at its address that insists takes over from itself',
      { known: known('active'), force: true },
      'failOver',
    ],
    [
      'that asked again before it heard that another one has taken over is refused',
      { known: known('active', ELSEWHERE), force: true, replaced: true },
      'refuse',
    ],
    [
      'of another principal is refused',
      { known: known('active'), info: { ...INFO, principal: 'x' }, force: true },
      'refuse',
    ],
  ])('%s', (_what, more, kind) => {
    expect(decideSubscription(subscription(more)).kind).toBe(kind);
  });
});

test('user and checkpoint are those of the first subscription, for ever', () => {
  const first = { ...INFO, checkpoint: true };
  const next = { ...INFO, user: 'nobody', name: 'renamed', checkpoint: false };
  expect(updatedInfo(first, next)).toEqual({ ...first, name: 'renamed' });
  expect(updatedInfo(INFO, next)).toEqual({ ...INFO, name: 'renamed' });
});
