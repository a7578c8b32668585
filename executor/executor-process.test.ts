import { expect, test } from '@jest/globals';
import { startNode, tell, ProtobufProcess, type ProcessManager } from '../libprocess/index.ts';
import { Simulation } from '../libprocess/sim/index.ts';
import {
  ExecutorRegisteredMessage,
  RegisterExecutorMessage,
  ReregisterExecutorMessage,
  StatusUpdateMessage,
  type TaskState,
} from '../proto/index.ts';
import { ExecutorProcess } from './executor-process.ts';

const ID = { value: 'id' };
const INFO = { executor_id: ID, command: { value: 'true' } };
const REGISTERED = {
  executor_info: INFO,
  framework_id: ID,
  framework_info: { user: 'root', name: 'framework' },
  slave_id: ID,
  slave_info: { hostname: 'host' },
};

/** Notes what reaches it, and acknowledges nothing. */
class Agent extends ProtobufProcess {
  readonly heard: (readonly TaskState[])[] = [];

  constructor() {
    super('slave');
    this.install(RegisterExecutorMessage, (from) => {
      this.send(from, ExecutorRegisteredMessage, REGISTERED);
    });
    this.install(StatusUpdateMessage, (_from, { update }) => {
      this.heard.push([update.status.state]);
    });
    this.install(ReregisterExecutorMessage, (_from, { updates = [] }) => {
      this.heard.push(updates.map(({ status }) => status.state));
    });
  }
}

class Executor extends ExecutorProcess {
  report(state: TaskState): void {
    this.sendStatusUpdate({ task_id: ID, state });
  }
  protected override launchTask(): void {}
  protected override killTask(): void {}
}

test('an update that was lost with its connection is passed by no later one (T4)', async () => {
  const sim = new Simulation({ seed: 1 });
  const start = (): Promise<ProcessManager> => {
    const machine = sim.machine();
    const { runtime } = sim.boot(machine);
    return sim.complete(startNode({ runtime, ip: machine.ip, port: 5051 }));
  };
  const [near, far] = [await start(), await start()];
  const agent = new Agent();
  const environment = {
    agent: near.spawn(agent),
    agentId: ID.value,
    frameworkId: ID.value,
    executorId: ID.value,
    checkpoint: true,
    recoveryTimeoutMs: 60_000,
    shutdownGracePeriodMs: 5_000,
  };
  const executor = far.spawn(new Executor(environment));
  await sim.advance(1_000);
  sim.network.partition([far.address], [near.address], { oneWay: true });
  tell(executor, 'report', 'TASK_STARTING');
  await sim.advance(5);
  for (const link of sim.network.links()) link.reset();
  sim.network.heal();
  for (let reports = 0; reports < 5; reports += 1) {
    tell(executor, 'report', 'TASK_RUNNING');
    await sim.advance(20);
  }
  await sim.advance(10_000);
  expect(agent.heard[0]?.[0]).toBe('TASK_STARTING');
});
