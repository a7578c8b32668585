import { dispatch } from '../../../libprocess/dispatch.ts';
import type { MasterFlags } from '../../../master/index.ts';
import {
  noExecutorFramework,
  RecordedExecutor,
  TEST_EXECUTOR,
  testFramework,
} from './frameworks.ts';
import { named } from './naming.ts';
import { RecordedHost } from './recorded-host.ts';
import type { Spoken } from './recorded-messages.ts';

export type StoryName = keyof typeof STORIES;

/** Each recorded story, told again by our own master, agent, executors and drivers: what they said. */
export const STORIES = {
  'agent-registers': async () => {
    const host = await RecordedHost.start();
    await host.sim.advance(6_000);
    return named(host.said);
  },
  'agent-unregisters': async () => {
    const host = await RecordedHost.settled();
    const before = host.said.length;
    await host.sim.advance(1_900);
    dispatch(host.agent.pid, 'unregister');
    await host.sim.advance(100);
    return named(host.said).slice(before);
  },
  'v0-driver-custom-executor': async () => (await threeFrameworks())[0] ?? [],
  'v0-driver-command-tasks': async () => (await threeFrameworks())[1] ?? [],
  'v0-driver-framework-killed': async () => (await threeFrameworks())[2] ?? [],
  'agent-killed-reregisters': async () => {
    const { host } = await runningTask();
    const before = host.said.length;
    host.killAgent();
    await host.sim.advance(2_000);
    await host.startAgent();
    await host.until(said('ReregisterSlaveMessage'));
    await host.sim.advance(6_000);
    return named(host.said).slice(before);
  },
  'agent-unreachable-reregisters': async () => {
    const { host, killScheduler } = await runningTask({ maxAgentPingTimeouts: 2 });
    const before = host.said.length;
    host.killAgent();
    await host.until(told('0', 'TASK_LOST'));
    killScheduler();
    await host.sim.advance(4_000);
    await host.startAgent();
    await host.until(said('ReregisterSlaveMessage'));
    await host.sim.advance(4_500);
    return named(host.said).slice(before);
  },
  'master-killed-standalone': async () => {
    const { host, killScheduler } = await runningTask();
    const before = host.said.length;
    // The recorded driver did not come back to a master at a fixed address; ours would.
    killScheduler();
    host.killMaster();
    await host.sim.advance(2_000);
    await host.startMaster();
    await host.until(said('ReregisterSlaveMessage'));
    await host.sim.advance(6_000);
    return named(host.said).slice(before);
  },
};

/** One after the other on one cluster, at the recorded distance: an end reaches into the next. */
async function threeFrameworks(): Promise<Spoken[][]> {
  const host = await RecordedHost.settled();
  const begins: number[] = [host.said.length];
  const next = async (afterMs: number): Promise<void> => {
    await host.sim.advance(afterMs);
    begins.push(host.said.length);
  };
  host.installExecutor(TEST_EXECUTOR, () => new RecordedExecutor());
  await host.runScheduler(testFramework());
  await next(2_600);
  host.delayCommand('echo hi', { task: '1', byMs: 60 });
  await host.runScheduler(noExecutorFramework({ command: 'echo hi', tasks: 3 }));
  await next(2_600);
  const kill = await host.runScheduler(noExecutorFramework(SLEEP));
  await host.sim.advance(3_900);
  kill();
  await next(2_100);
  const all = named(host.said);
  return begins.map((begin, index) => all.slice(begin, begins[index + 1]));
}

const SLEEP = { command: 'sleep 1000', tasks: 1 };

interface Running {
  readonly host: RecordedHost;
  readonly killScheduler: () => void;
}

/** A host on which one checkpointed task runs. */
async function runningTask(flags: Partial<MasterFlags> = {}): Promise<Running> {
  const host = await RecordedHost.settled(flags);
  const killScheduler = await host.runScheduler(
    noExecutorFramework({ ...SLEEP, checkpoint: true }),
  );
  await host.until(told('0', 'TASK_RUNNING'));
  await host.sim.advance(500);
  return { host, killScheduler };
}

function told(task: string, state: string): (message: Spoken) => boolean {
  const text = `"task_id":{"value":"${task}"},"state":"${state}"`;
  return ({ to, fields }) => to.startsWith('scheduler') && JSON.stringify(fields).includes(text);
}

const said = (name: string) => (message: Spoken) => message.name === `mesos.internal.${name}`;
