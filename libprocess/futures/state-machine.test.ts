import { describe, expect, test } from '@jest/globals';
import { StateMachine, WrongStateError } from './state-machine.ts';

type State = 'initial' | 'running' | 'over';

describe('a state machine', () => {
  test('goes from one state to the next, and from no other [18bf24c, 67ab4c7]', () => {
    const machine = new StateMachine<State>('initial');
    const entered: State[] = [];
    machine.transition('initial', 'running', () => entered.push(machine.state));
    expect(machine.is('running')).toBe(true);
    expect(() => {
      machine.transition('initial', 'over', () => entered.push('over'));
    }).toThrow(new WrongStateError('initial', 'running'));
    expect(machine.state).toBe('running');
    expect(entered).toEqual(['running']);
  });

  test('tells who waits for a state, after what belongs to entering it [4635e8d]', () => {
    const machine = new StateMachine<State>('initial');
    const order: string[] = [];
    expect(machine.when('initial').isReady).toBe(true);
    machine.when('running').onReady(() => order.push('waited'));
    const never = machine.when('over');
    machine.transition('initial', 'running', () => order.push('entered'));
    expect(order).toEqual(['entered', 'waited']);
    expect(never.isPending).toBe(true);
  });

  test('keeps nobody who no longer waits', () => {
    const machine = new StateMachine<State>('initial');
    const waiting = machine.when('running');
    waiting.discard();
    expect(waiting.isDiscarded).toBe(true);
    machine.transition('initial', 'running');
    expect(waiting.isReady).toBe(false);
  });

  test('tells nobody of a state that it has already left', () => {
    const machine = new StateMachine<State>('initial');
    const running = machine.when('running');
    machine.transition('initial', 'running', () => {
      machine.transition('running', 'over');
    });
    expect(running.isPending).toBe(true);
    machine.transition('over', 'running');
    expect(running.isReady).toBe(true);
  });
});
