import { describe, expect, test } from '@jest/globals';
import {
  CommandExecutorProcess,
  type CommandExecutorOptions,
  type RecoveredExecutor,
} from './command-executor-process.ts';
import type { CommandEnd, CommandRun, CommandRuns } from './runs.ts';
import { FuturePromise } from '../../libprocess/future.ts';
import type { MessageType } from '../../libprocess/message.ts';
import { ProcessManager } from '../../libprocess/process-manager.ts';
import { ProtobufProcess } from '../../libprocess/protobuf-process.ts';
import { Simulation } from '../../libprocess/sim/index.ts';
import type { UPID } from '../../libprocess/upid.ts';
import {
  KillTaskMessage,
  ReconnectExecutorMessage,
  RegisterExecutorMessage,
  ReregisterExecutorMessage,
  RunTaskMessage,
  ShutdownExecutorMessage,
  StatusUpdateAcknowledgementMessage,
  StatusUpdateMessage,
  type FrameworkInfo,
  type StatusUpdate,
  type TaskInfo,
} from '../../proto/index.ts';

const FRAMEWORK: FrameworkInfo = {
  user: 'root',
  name: 'f',
  capabilities: [{ type: 'TASK_KILLING_STATE' }],
};
const TASK: TaskInfo = {
  name: 'echo',
  task_id: { value: 't1' },
  slave_id: { value: 'a1' },
  resources: [
    { name: 'cpus', type: 'SCALAR', scalar: { value: 1 }, allocation_info: { role: 'dev' } },
  ],
  command: { value: 'echo "$A"', environment: { variables: [{ name: 'A', value: 'b c' }] } },
};

/** An agent that writes down what it is told, and acknowledges it if asked to. */
class Agent extends ProtobufProcess {
  readonly heard: string[] = [];
  readonly updates: StatusUpdate[] = [];
  readonly reregistered: ReregisterExecutorMessage[] = [];
  readonly gone: string[] = [];
  acknowledges = true;

  constructor() {
    super('slave(1)');
    this.install(RegisterExecutorMessage, (from) => {
      this.heard.push('REGISTER');
      this.link(from);
    });
    this.install(ReregisterExecutorMessage, (from, message) => {
      this.heard.push('REREGISTER');
      this.reregistered.push(message);
      for (const update of message.updates ?? []) this.#update(from, update);
    });
    this.install(StatusUpdateMessage, (from, { update }) => this.#update(from, update));
  }

  tell<M>(to: UPID, type: MessageType<M>, message: M): void {
    this.send(to, type, message);
  }

  watch(upid: UPID): void {
    this.link(upid);
  }

  protected override exited(upid: UPID): void {
    this.gone.push(upid.id);
  }

  #update(from: UPID, update: StatusUpdate): void {
    this.heard.push(update.status.state);
    this.updates.push(update);
    const { framework_id, slave_id, status, uuid } = update;
    if (!this.acknowledges || !slave_id || !uuid) return;
    const message = { framework_id, slave_id, task_id: status.task_id, uuid };
    this.send(from, StatusUpdateAcknowledgementMessage, message);
  }
}

/** Starts nothing, and remembers what was asked. */
class Runs implements CommandRuns {
  readonly calls: string[] = [];
  readonly started = new FuturePromise<unknown>();
  run: CommandRun | undefined;
  end: (end: CommandEnd) => void = () => undefined;

  launch(run: CommandRun): FuturePromise<unknown>['future'] {
    this.calls.push('launch');
    this.run = run;
    return this.started.future;
  }
  signal(_: string, signal: string): void {
    this.calls.push(signal);
  }
  destroy(): void {
    this.calls.push('destroy');
  }
  onEnded(_: string, listener: (end: CommandEnd) => void): void {
    this.end = listener;
  }
}

class Bed {
  readonly sim = new Simulation();
  readonly node: ProcessManager;
  readonly agent = new Agent();
  readonly runs = new Runs();
  readonly saved: { record: Uint8Array; durable: () => void }[] = [];
  readonly #agentPid: UPID;

  constructor() {
    const { runtime } = this.sim.node();
    this.node = new ProcessManager({ runtime, address: '10.0.0.1:5051' });
    this.#agentPid = this.node.spawn(this.agent);
  }

  spawn(more: Partial<CommandExecutorOptions> = {}): UPID {
    const executor = this.node.spawn(
      new CommandExecutorProcess({
        agent: this.#agentPid,
        agentId: 'a1',
        frameworkId: 'f1',
        executorId: 't1',
        containerId: 'c1',
        sandbox: '/sandbox',
        environment: { PATH: '/bin', MESOS_SANDBOX: '/sandbox' },
        checkpoint: true,
        shutdownGracePeriodMs: 5_000,
        runs: this.runs,
        ...more,
      }),
    );
    this.agent.watch(executor);
    return executor;
  }

  async running(more: Partial<CommandExecutorOptions> = {}): Promise<UPID> {
    const executor = this.spawn(more);
    await this.tell(executor, RunTaskMessage, { framework: FRAMEWORK, task: TASK });
    this.runs.started.set(undefined);
    await this.sim.settle();
    return executor;
  }

  async tell<M>(to: UPID, type: MessageType<M>, message: M): Promise<void> {
    this.agent.tell(to, type, message);
    await this.sim.settle();
  }

  async ends(end: CommandEnd): Promise<void> {
    this.runs.end(end);
    await this.sim.settle();
  }
}

const EXITED: CommandEnd = { kind: 'exited', status: { code: 0 } };
const TERMINATED: CommandEnd = { kind: 'exited', status: { signal: 'SIGTERM' } };

describe('the command executor beside its agent', () => {
  test('says what a C++ executor says, in its order, under its own name', async () => {
    const bed = new Bed();
    const executor = await bed.running();
    expect(executor.id).toBe('executor(c1)');
    await bed.ends(EXITED);
    expect(bed.agent.heard).toEqual(['REGISTER', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED']);
    const update = bed.agent.updates.at(-1);
    expect(update).toEqual({
      framework_id: { value: 'f1' },
      executor_id: { value: 't1' },
      slave_id: { value: 'a1' },
      status: {
        task_id: { value: 't1' },
        state: 'TASK_FINISHED',
        message: 'Command exited with status 0',
        slave_id: { value: 'a1' },
        timestamp: update?.timestamp,
        executor_id: { value: 't1' },
        source: 'SOURCE_EXECUTOR',
        uuid: update?.uuid,
      },
      timestamp: update?.timestamp,
      uuid: update?.uuid,
    });
    expect(update?.uuid).toHaveLength(16);
  });

  test('runs the command in a shell, in its sandbox, with the role it is allocated to', async () => {
    const bed = new Bed();
    await bed.running();
    expect(bed.runs.run).toEqual({
      containerId: 'c1',
      argv: ['/bin/sh', '-c', 'echo "$A"'],
      environment: {
        PATH: '/bin',
        MESOS_SANDBOX: '/sandbox',
        MESOS_ALLOCATION_ROLE: 'dev',
        A: 'b c',
      },
      sandbox: '/sandbox',
      stdout: '/sandbox/stdout',
      stderr: '/sandbox/stderr',
      checkpoint: true,
    });
  });

  test('ends by itself a second after its last update, once that is acknowledged [499ed09]', async () => {
    const bed = new Bed();
    await bed.running();
    await bed.ends(EXITED);
    await bed.sim.advance(900);
    expect(bed.agent.gone).toEqual([]);
    await bed.sim.advance(200);
    expect(bed.agent.gone).toEqual(['executor(c1)']);
  });

  test('stays as long as the agent has no room to acknowledge', async () => {
    const bed = new Bed();
    const executor = await bed.running();
    bed.agent.acknowledges = false;
    await bed.ends(EXITED);
    await bed.sim.advance(600_000);
    expect(bed.agent.gone).toEqual([]);
    const { framework_id, uuid } = bed.agent.updates.at(-1) ?? {};
    if (!framework_id || !uuid) throw new Error('No update came');
    await bed.tell(executor, StatusUpdateAcknowledgementMessage, {
      framework_id,
      uuid,
      task_id: { value: 't1' },
      slave_id: { value: 'a1' },
    });
    expect(bed.agent.gone).toEqual(['executor(c1)']);
  });

  test('starts a task with a time to complete in once that is durable', async () => {
    const bed = new Bed();
    const checkpoints = {
      save: (_: string, record: Uint8Array, durable: () => void) =>
        void bed.saved.push({ record, durable }),
    };
    const executor = bed.spawn({ checkpoints });
    const task = { ...TASK, max_completion_time: { nanoseconds: 1_000_000_000n } };
    await bed.tell(executor, RunTaskMessage, { framework: FRAMEWORK, task });
    expect(bed.runs.calls).toEqual([]);
    bed.saved[0]?.durable();
    await bed.sim.settle();
    expect(bed.runs.calls).toEqual(['launch']);
  });

  test('kills with the grace that the request grants, once that is durable', async () => {
    const bed = new Bed();
    const checkpoints = {
      save: (_: string, record: Uint8Array, durable: () => void) =>
        void bed.saved.push({ record, durable }),
    };
    const executor = await bed.running({ checkpoints });
    await bed.tell(executor, KillTaskMessage, {
      framework_id: { value: 'f1' },
      task_id: { value: 't1' },
      kill_policy: { grace_period: { nanoseconds: 7_000_000_000n } },
    });
    expect(bed.runs.calls).toEqual(['launch']);
    bed.saved[0]?.durable();
    await bed.sim.advance(6_900);
    expect(bed.runs.calls).toEqual(['launch', 'SIGTERM']);
    await bed.sim.advance(200);
    expect(bed.runs.calls).toEqual(['launch', 'SIGTERM', 'destroy']);
    await bed.ends({ kind: 'exited', status: { signal: 'SIGKILL' } });
    expect(bed.agent.heard.slice(-2)).toEqual(['TASK_KILLING', 'TASK_KILLED']);
  });

  test('does not hear kills of other tasks', async () => {
    const bed = new Bed();
    const executor = await bed.running();
    const message = { framework_id: { value: 'f1' }, task_id: { value: 'other' } };
    await bed.tell(executor, KillTaskMessage, message);
    expect(bed.runs.calls).toEqual(['launch']);
  });

  test('takes one task only', async () => {
    const bed = new Bed();
    const executor = await bed.running();
    const task = { ...TASK, task_id: { value: 't2' } };
    await bed.tell(executor, RunTaskMessage, { framework: FRAMEWORK, task });
    expect(bed.agent.updates.at(-1)?.status).toMatchObject({
      task_id: { value: 't2' },
      state: 'TASK_FAILED',
    });
    expect(bed.runs.calls).toEqual(['launch']);
  });

  test('shut down, kills its command; shut down without one, ends', async () => {
    const busy = new Bed();
    await busy.tell(await busy.running(), ShutdownExecutorMessage, {});
    expect(busy.runs.calls).toEqual(['launch', 'SIGTERM']);
    await busy.ends(TERMINATED);
    expect(busy.agent.heard.at(-1)).toBe('TASK_KILLED');

    const idle = new Bed();
    await idle.tell(idle.spawn(), ShutdownExecutorMessage, {});
    await idle.sim.advance(1);
    expect(idle.agent.gone).toEqual(['executor(c1)']);
  });

  test('ends with its agent, and leaves the command alone', async () => {
    const bed = new Bed();
    const executor = await bed.running();
    bed.node.terminate(bed.agent.self);
    await bed.sim.settle();
    expect(bed.node.wait(executor).isReady).toBe(true);
    expect(bed.runs.calls).toEqual(['launch']);
  });
});

describe('the command executor that a former agent had', () => {
  const recovered = (more: Partial<RecoveredExecutor>): RecoveredExecutor => ({
    run: { kind: 'running' },
    task: TASK,
    framework: FRAMEWORK,
    reported: ['TASK_STARTING', 'TASK_RUNNING'],
    ...more,
  });

  test('waits to be asked, and has nothing to add if nothing happened', async () => {
    const bed = new Bed();
    const executor = bed.spawn({ recovered: recovered({}) });
    await bed.sim.advance(100);
    expect(bed.agent.heard).toEqual([]);
    await bed.tell(executor, ReconnectExecutorMessage, { slave_id: { value: 'a1' } });
    expect(bed.agent.reregistered).toEqual([
      { framework_id: { value: 'f1' }, executor_id: { value: 't1' }, tasks: [], updates: [] },
    ]);
    await bed.ends(EXITED);
    expect(bed.agent.heard).toEqual(['REREGISTER', 'TASK_FINISHED']);
  });

  test('brings the updates that the agent has missed [3f7290a]', async () => {
    const bed = new Bed();
    const run = { kind: 'ended', end: { kind: 'exited', status: { code: 9 } } } as const;
    const executor = bed.spawn({ recovered: recovered({ run, reported: ['TASK_STARTING'] }) });
    await bed.tell(executor, ReconnectExecutorMessage, { slave_id: { value: 'a1' } });
    expect(bed.agent.heard).toEqual(['REREGISTER', 'TASK_RUNNING', 'TASK_FAILED']);
    await bed.sim.advance(1_100);
    expect(bed.agent.gone).toEqual(['executor(c1)']);
  });

  test('says that it has a task of which nothing was acknowledged yet', async () => {
    const bed = new Bed();
    const executor = bed.spawn({ recovered: recovered({ reported: [] }) });
    await bed.tell(executor, ReconnectExecutorMessage, { slave_id: { value: 'a1' } });
    expect(bed.agent.reregistered[0]?.tasks).toMatchObject([{ task_id: { value: 't1' } }]);
    expect(bed.agent.heard).toEqual(['REREGISTER', 'TASK_STARTING', 'TASK_RUNNING']);
  });

  test('goes by the task as it was recorded', async () => {
    const bed = new Bed();
    const kill_policy = { grace_period: { nanoseconds: 7_000_000_000n } };
    const executor = bed.spawn({ recovered: recovered({ task: { ...TASK, kill_policy } }) });
    await bed.tell(executor, ReconnectExecutorMessage, { slave_id: { value: 'a1' } });
    const ids = { framework_id: { value: 'f1' }, task_id: { value: 't1' } };
    await bed.tell(executor, KillTaskMessage, ids);
    expect(bed.agent.heard).toEqual(['REREGISTER', 'TASK_KILLING']);
    await bed.sim.advance(6_900);
    expect(bed.runs.calls).toEqual(['SIGTERM']);
    await bed.sim.advance(200);
    expect(bed.runs.calls).toEqual(['SIGTERM', 'destroy']);
  });

  test('goes on with a kill', async () => {
    const before = new Bed();
    const checkpoints = {
      save: (_: string, record: Uint8Array, durable: () => void) => {
        before.saved.push({ record, durable });
        durable();
      },
    };
    const executor = await before.running({ checkpoints });
    const ids = { framework_id: { value: 'f1' }, task_id: { value: 't1' } };
    await before.tell(executor, KillTaskMessage, ids);
    const record = before.saved.at(-1)?.record;
    if (!record) throw new Error('The kill was not saved');

    const bed = new Bed();
    const reported = ['TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING'] as const;
    bed.spawn({ recovered: recovered({ record, reported }) });
    await bed.sim.advance(2_900);
    expect(bed.runs.calls).toEqual(['SIGTERM']);
    await bed.sim.advance(200);
    expect(bed.runs.calls).toEqual(['SIGTERM', 'destroy']);
  });
});
