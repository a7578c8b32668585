import { describe, expect, test } from '@jest/globals';
import {
  NEW_COMMAND_EXECUTOR,
  resumed,
  step,
  type CommandExecutor,
  type CommandRecord,
  type CommandTask,
  type Input,
  type Output,
} from './command-executor.ts';

const TASK: CommandTask = { taskId: 't', killingState: false };
const exited = (code: number): Input => ({
  kind: 'ended',
  end: { kind: 'exited', status: { code } },
});
const died = (signal: string): Input => ({
  kind: 'ended',
  end: { kind: 'exited', status: { signal } },
});

/** Feeds inputs to an executor and remembers all that it wanted done. */
class Story {
  executor: CommandExecutor;
  outputs: Output[] = [];

  constructor(executor: CommandExecutor = NEW_COMMAND_EXECUTOR) {
    this.executor = executor;
  }

  static running(task: Partial<CommandTask> = {}): Story {
    const launch: Input = { kind: 'launch', task: { ...TASK, ...task }, nowMs: 0 };
    return new Story().feed(launch, { kind: 'started', nowMs: 5 });
  }

  feed(...inputs: readonly Input[]): this {
    for (const input of inputs) {
      const [next, outputs] = step(this.executor, input);
      this.executor = next;
      this.outputs.push(...outputs);
    }
    return this;
  }

  since(): this {
    this.outputs = [];
    return this;
  }

  get states(): readonly string[] {
    return this.outputs.flatMap((output) => (output.kind === 'update' ? [output.state] : []));
  }

  get kinds(): readonly string[] {
    return this.outputs.map((output) => (output.kind === 'update' ? output.state : output.kind));
  }

  get last(): Output | undefined {
    return this.outputs.findLast(({ kind }) => kind === 'update');
  }

  get record(): CommandRecord {
    const saved = this.outputs.findLast((output) => output.kind === 'save');
    if (saved?.kind !== 'save') throw new Error('Nothing was saved');
    return saved.record;
  }
}

describe('the command executor', () => {
  test('tells of a task in order: starting before the command is started, running after', () => {
    const story = new Story().feed({ kind: 'launch', task: TASK, nowMs: 0 });
    expect(story.kinds).toEqual(['TASK_STARTING', 'start']);
    story.since().feed({ kind: 'started', nowMs: 1 }, exited(0));
    expect(story.kinds).toEqual(['TASK_RUNNING', 'TASK_FINISHED', 'finish']);
    expect(story.last).toMatchObject({ message: 'Command exited with status 0' });
  });

  test.each([
    [exited(7), 'TASK_FAILED', 'Command exited with status 7'],
    [died('SIGKILL'), 'TASK_FAILED', 'Command terminated with signal Killed'],
    [died('SIGSEGV'), 'TASK_FAILED', 'Command terminated with signal Segmentation fault'],
    [
      { kind: 'ended', end: { kind: 'lost' } },
      'TASK_FAILED',
      'Failed to get exit status for Command',
    ],
  ] as const)('fails a task whose command %j', (input, state, message) => {
    expect(Story.running().feed(input).last).toMatchObject({ state, message });
  });

  test('fails a task whose command could not be started', () => {
    const story = new Story().feed(
      { kind: 'launch', task: TASK, nowMs: 0 },
      { kind: 'refused', message: 'No space' },
    );
    expect(story.last).toMatchObject({
      state: 'TASK_FAILED',
      message: 'No space',
      reason: 'REASON_CONTAINER_LAUNCH_FAILED',
    });
  });

  test('says nothing after the terminal update', () => {
    const story = Story.running().feed(exited(0)).since();
    story.feed(exited(1), { kind: 'kill', nowMs: 9 }, { kind: 'started', nowMs: 9 });
    expect(story.outputs).toEqual([]);
  });

  test('with no task, ends when shut down', () => {
    const story = new Story().feed({ kind: 'shutdown', nowMs: 0, graceMs: 5_000 });
    expect(story.outputs).toEqual([{ kind: 'finish', afterMs: 0 }]);
  });
});

describe('a kill', () => {
  test('goes without TASK_KILLING if the framework does not know it [796c610]', () => {
    const story = Story.running().since().feed({ kind: 'kill', nowMs: 10 }, died('SIGTERM'));
    expect(story.kinds).toEqual(['save', 'terminate', 'wake', 'TASK_KILLED', 'finish']);
    expect(story.last).toMatchObject({ message: 'Command terminated with signal Terminated' });
  });

  test('tells TASK_KILLING, then TASK_KILLED, if it does [e72d716]', () => {
    const story = Story.running({ killingState: true })
      .since()
      .feed({ kind: 'kill', nowMs: 10 }, died('SIGTERM'));
    expect(story.states).toEqual(['TASK_KILLING', 'TASK_KILLED']);
  });

  test('is durable before the first signal', () => {
    const { kinds } = Story.running().since().feed({ kind: 'kill', nowMs: 10 });
    expect(kinds.indexOf('save')).toBeLessThan(kinds.indexOf('terminate'));
  });

  test.each([
    {
      what: 'what the request says',
      graceMs: 1_000,
      task: { killGraceMs: 7_000 },
      expected: 1_000,
    },
    { what: 'the policy of the task', task: { killGraceMs: 7_000 }, expected: 7_000 },
    { what: 'three seconds', task: {}, expected: 3_000 },
  ])('grants $what', ({ graceMs, task, expected }) => {
    const story = Story.running(task).since().feed({ kind: 'kill', nowMs: 10, graceMs });
    expect(story.outputs).toContainEqual({ kind: 'wake', afterMs: expected });
    expect(story.record.kill?.killAtMs).toBe(10 + expected);
    expect(story.since().feed({ kind: 'woken', nowMs: 10 + expected }).kinds).toEqual(['destroy']);
  });

  test('repeated only ever shortens the grace', () => {
    const story = Story.running().feed({ kind: 'kill', nowMs: 0, graceMs: 5_000 }).since();
    story.feed({ kind: 'kill', nowMs: 100, graceMs: 60_000 });
    expect(story.outputs).toEqual([]);
    story.feed({ kind: 'kill', nowMs: 100, graceMs: 1_000 });
    expect(story.outputs).toContainEqual({ kind: 'wake', afterMs: 1_000 });
  });

  test('that came before the start waits for it, and the task does not go back to running', () => {
    const story = new Story().feed(
      { kind: 'launch', task: { ...TASK, killingState: true }, nowMs: 0 },
      { kind: 'kill', nowMs: 1 },
    );
    expect(story.kinds).toEqual(['TASK_STARTING', 'start', 'TASK_KILLING', 'save']);
    story.since().feed({ kind: 'started', nowMs: 2 });
    expect(story.kinds).toEqual(['terminate', 'wake']);
    expect(story.states).toEqual([]);
  });

  test('of a command that ends with 0 nevertheless finishes it', () => {
    const story = Story.running().feed({ kind: 'kill', nowMs: 10 }, exited(0));
    expect(story.last).toMatchObject({ state: 'TASK_FINISHED' });
  });

  test('by shutdown keeps two seconds of its grace back', () => {
    const story = Story.running({ killingState: true }).since();
    story.feed({ kind: 'shutdown', nowMs: 10, graceMs: 5_000 });
    expect(story.kinds).toEqual(['TASK_KILLING', 'save', 'terminate', 'wake']);
    expect(story.outputs).toContainEqual({ kind: 'wake', afterMs: 3_000 });
  });
});

describe('a task with a time to complete in', () => {
  test('is started once its deadline is durable', () => {
    const task = { ...TASK, completionMs: 60_000 };
    const story = new Story().feed({ kind: 'launch', task, nowMs: 5 });
    expect(story.kinds).toEqual(['TASK_STARTING', 'save', 'start']);
    expect(story.record).toEqual({ task, completeAtMs: 60_005 });
  });

  test('is killed at the end of it and has failed [fccd7b9]', () => {
    const story = Story.running({ completionMs: 60_000, killingState: true });
    expect(story.outputs).toContainEqual({ kind: 'wake', afterMs: 59_995 });
    story.since().feed({ kind: 'woken', nowMs: 60_000 }, died('SIGTERM'));
    expect(story.kinds).toEqual(['save', 'terminate', 'wake', 'TASK_FAILED', 'finish']);
    expect(story.last).toMatchObject({ reason: 'REASON_MAX_COMPLETION_TIME_REACHED' });
  });

  test('has all of its grace left when killed for another reason first', () => {
    const story = Story.running({ completionMs: 60_000 }).since().feed({ kind: 'kill', nowMs: 10 });
    expect(story.outputs).toContainEqual({ kind: 'wake', afterMs: 3_000 });
    expect(story.feed(died('SIGTERM')).last).toMatchObject({ state: 'TASK_KILLED' });
  });
});

describe('after a restart of the agent', () => {
  const running: Input = { kind: 'recovered', run: { kind: 'running' }, nowMs: 1_000 };

  test('no update is repeated that the stream has', () => {
    const story = new Story(resumed({ task: TASK }, ['TASK_STARTING', 'TASK_RUNNING']));
    expect(story.feed(running).outputs).toEqual([]);
    expect(story.feed(exited(0)).states).toEqual(['TASK_FINISHED']);
  });

  test('updates that were not durable are made again, in order', () => {
    expect(new Story(resumed({ task: TASK }, [])).feed(running).states).toEqual([
      'TASK_STARTING',
      'TASK_RUNNING',
    ]);
    const ended: Input = {
      kind: 'recovered',
      run: { kind: 'ended', end: { kind: 'exited', status: { code: 1 } } },
      nowMs: 1_000,
    };
    const story = new Story(resumed({ task: TASK }, ['TASK_STARTING']));
    expect(story.feed(ended).states).toEqual(['TASK_RUNNING', 'TASK_FAILED']);
  });

  test('a terminal update that the stream has is the last word', () => {
    const story = new Story(resumed({ task: TASK }, ['TASK_STARTING', 'TASK_FINISHED']));
    const lost: Input = {
      kind: 'recovered',
      run: { kind: 'ended', end: { kind: 'lost' } },
      nowMs: 0,
    };
    expect(story.feed(lost).kinds).toEqual(['finish']);
  });

  test('a kill in progress goes on with the time it has left', () => {
    const before = Story.running().feed({ kind: 'kill', nowMs: 0, graceMs: 5_000 });
    const states = ['TASK_STARTING', 'TASK_RUNNING'] as const;
    const inTime = new Story(resumed(before.record, states)).feed(running);
    expect(inTime.outputs).toEqual([{ kind: 'terminate' }, { kind: 'wake', afterMs: 4_000 }]);
    expect(inTime.feed(died('SIGTERM')).states).toEqual(['TASK_KILLED']);
    const late = new Story(resumed(before.record, states));
    expect(late.feed({ ...running, nowMs: 9_000 }).outputs).toEqual([{ kind: 'destroy' }]);
  });

  test('a clock that was set back does not lengthen the grace', () => {
    const before = Story.running().feed({ kind: 'kill', nowMs: 1_000_000, graceMs: 5_000 });
    const story = new Story(resumed(before.record, ['TASK_STARTING', 'TASK_RUNNING']));
    expect(story.feed(running).outputs).toContainEqual({ kind: 'wake', afterMs: 5_000 });
  });

  test('the time to complete in counts from the first start', () => {
    const before = Story.running({ completionMs: 60_000 });
    const story = new Story(resumed(before.record, ['TASK_STARTING', 'TASK_RUNNING']));
    expect(story.feed(running).outputs).toEqual([{ kind: 'wake', afterMs: 59_000 }]);
  });
});
