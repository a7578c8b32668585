import {
  StatusUpdateAcknowledgementMessage,
  StatusUpdateMessage,
  type TaskState,
} from '../../../proto/index.ts';
import { taskOf } from '../../../testing/test-scheduler.ts';
import type { Stage } from './stage.ts';
import { messagesOf } from './transcript.ts';

const ROUNDS = 4;

/** A scripted life of a cluster, the same wherever it is played: 100 steps that wait for one another. */
export async function story(stage: Stage): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const named = (what: string): string => `${what}-${round}`;
    for (const what of ['good', 'bad', 'killed', 'lasting']) await launch(stage, named(what));
    await exit(stage, named('good'), 0);
    await exit(stage, named('bad'), 3);
    stage.scheduler.killTask(named('killed'));
    await reach(stage, 'TASK_KILLED', named('killed'));
    await (round % 2 === 0 ? restartAgent(stage) : restartMaster(stage));
    await reconcile(stage, named('lasting'));
    await exit(stage, named('lasting'), 0);
  }
}

async function launch(stage: Stage, id: string): Promise<void> {
  const { scheduler } = stage;
  await stage.until('an offer', () => scheduler.offers.size > 0);
  const [offer] = scheduler.offers.values();
  if (!offer) throw new Error('The scheduler holds an offer');
  scheduler.offers.clear();
  const task = taskOf(offer, id, { command: stage.command(id) });
  scheduler.launchTasks(offer.id.value, [task], { refuse_seconds: 0 });
  await reach(stage, 'TASK_RUNNING', id);
}

async function exit(stage: Stage, id: string, code: number): Promise<void> {
  stage.exit(id, code);
  await reach(stage, code === 0 ? 'TASK_FINISHED' : 'TASK_FAILED', id);
}

/** Waits until the scheduler was told so, and everyone knows that it was. */
async function reach(stage: Stage, state: TaskState, id: string): Promise<void> {
  const { scheduler } = stage;
  await stage.until(`${state} of ${id}`, () => scheduler.latest(id)?.state === state);
  await stage.until('all updates are acknowledged', () => {
    const lines = stage.trace();
    const acknowledged = messagesOf(lines, 'delivered', StatusUpdateAcknowledgementMessage)
      .filter(({ to }) => to.startsWith('slave('))
      .map(({ body }) => hex(body.uuid));
    const told = messagesOf(lines, 'sent', StatusUpdateMessage)
      .filter(({ to }) => to.startsWith('master@'))
      .map(({ body }) => hex(body.update.uuid));
    return told.every((uuid) => acknowledged.includes(uuid));
  });
}

const hex = (uuid: Uint8Array | undefined): string => Buffer.from(uuid ?? []).toString('hex');

const reregistrations = (stage: Stage): number =>
  stage
    .trace()
    .filter(
      (line) =>
        line.kind === 'delivered' && line.name === 'mesos.internal.SlaveReregisteredMessage',
    ).length;

async function restartAgent(stage: Stage): Promise<void> {
  const before = reregistrations(stage);
  await stage.restartAgent();
  await stage.until('the agent is back', () => reregistrations(stage) > before);
}

async function restartMaster(stage: Stage): Promise<void> {
  const before = reregistrations(stage);
  const { registrations } = stage.scheduler;
  await stage.restartMaster();
  await stage.until('agent and scheduler are back', () => {
    const back = stage.scheduler.registrations > registrations;
    return back && reregistrations(stage) > before;
  });
}

async function reconcile({ scheduler, until }: Stage, taskId: string): Promise<void> {
  const before = scheduler.updates.length;
  scheduler.reconcileTasks([{ taskId }]);
  await until('the answer', () => scheduler.updates.length > before);
}
