import type { PlantedBug } from './planted-bug.ts';

const RESTORE = 'agent/recovery/restore-model.ts';
const RECOVERY = 'agent/recovery/recovery.ts';
const COMMAND = 'executor/command/command-executor.ts';
const COMMAND_PROCESS = 'executor/command/command-executor-process.ts';
const MANAGER = 'agent/status-updates/status-update-manager-process.ts';

/** An agent that starts again does not take up what the one before has left. */
export const RECOVERY_BUGS: readonly PlantedBug[] = [
  {
    id: 'recovery-takes-ended-for-acknowledged',
    area: 'recovery',
    file: RESTORE,
    find: 'else if (acknowledgedTerminal(records)) executor',
    replace: 'else if (records.length > 0) executor',
    breaks: 'R2: a terminal update that was durable and not acknowledged is forgotten',
  },
  {
    id: 'recovery-forgets-streams-that-wait-for-nothing',
    area: 'recovery',
    file: MANAGER,
    find: 'stream.pendingCount > 0 || records.length > 0',
    replace: 'stream.pendingCount > 0',
    breaks: 'R3: the next update of a stream replaces the records of those before it',
  },
  {
    id: 'recovery-appends-at-the-start-of-the-stream',
    area: 'recovery',
    file: MANAGER,
    find: 'sizeBytes: recordsBytes',
    replace: 'sizeBytes: 0',
    breaks: 'R3: new records of a recovered stream overwrite the old ones',
  },
  {
    id: 'recovery-does-not-know-what-was-reported',
    area: 'recovery',
    file: RECOVERY,
    find: 'reported: reportedStates(task) }',
    replace: 'reported: [] }',
    breaks: 'T4: a recovered executor reports the states of its task once more',
  },
  {
    id: 'recovery-never-reconnects-command-tasks',
    area: 'recovery',
    file: RECOVERY,
    find: 'this.#parts.executors.reconnect(upid);',
    replace: '',
    breaks: 'R1: an executor that is there is destroyed when its time to come back is over',
  },
  {
    id: 'recovery-takes-lost-runs-for-never-started',
    area: 'recovery',
    file: RECOVERY,
    find: "if (run.kind === 'ended' || this.#rebooted || wasStarted(executor)) {",
    replace: "if (run.kind === 'ended' || this.#rebooted) {",
    breaks: 'U8: a task that ran is said to have been dropped before its start',
  },
  {
    id: 'recovered-end-skips-running',
    area: 'recovery',
    file: COMMAND,
    find: 'return after([...first, ...second], ended(running, run.end));',
    replace: 'return after(first, ended(starting, run.end));',
    breaks: 'U1: a task that ended while the agent was away is never told to have run',
  },
  {
    id: 'recovered-executor-brings-no-updates',
    area: 'recovery',
    file: COMMAND_PROCESS,
    find: 'updates: [...this.#unacknowledged.values()],',
    replace: 'updates: [],',
    breaks: 'U1: what a recovered executor found out before it reregistered is lost',
  },
  {
    id: 'recovered-executor-ignores-its-record',
    area: 'recovery',
    file: COMMAND_PROCESS,
    find: 'const saved = record && decodeRecord(record);',
    replace: 'const saved = undefined;',
    breaks: 'T5: a kill that was under way is forgotten, and its task is told to have failed',
    hunter: 'crashes',
  },
  {
    id: 'recovery-drops-tasks-that-executors-have',
    area: 'recovery',
    file: 'agent/executors/executor-registration.ts',
    find: "if (task.state !== 'TASK_STAGING' || known.has(task.task_id.value)) continue;",
    replace: "if (task.state !== 'TASK_STAGING') continue;",
    breaks: 'T3: a task is told to be dropped, and runs',
    hunter: 'crashes',
  },
  {
    id: 'recovery-leaves-unclaimed-runs-unclaimed',
    area: 'recovery',
    file: 'agent/containerizer/launcher/file-launcher.ts',
    find: "const found = await this.#examiner.examine(containerId, 'revoke');",
    replace: "const found = await this.#examiner.examine(containerId, 'look');",
    breaks: 'T2: a wrapper that was slow starts a task that was told not to have started',
  },
  {
    id: 'recovery-loses-ends-that-come-early',
    area: 'recovery',
    file: 'agent/containerizer/containerizer.ts',
    find: 'this.#ends.tellOnceHeard(containerId, end);',
    replace: 'this.#ends.tell(containerId, end);',
    breaks: 'T10: an end that comes before the executor listens is never told',
  },
  {
    id: 'recovery-reads-state-before-the-journal',
    area: 'recovery',
    file: 'agent/recovery/open-meta.ts',
    find: `const replayed = await recoverJournal({ disk, bootId, metaDirectory: directory, strict });
  const state = await recoverState({ disk, metaDirectory: directory, strict });`,
    replace: `const state = await recoverState({ disk, metaDirectory: directory, strict });
  const replayed = await recoverJournal({ disk, bootId, metaDirectory: directory, strict });`,
    breaks: 'R3: what only the journal holds is not recovered',
  },
  {
    id: 'what-does-not-checkpoint-outlives-its-agent',
    area: 'recovery',
    file: 'agent/containerizer/launcher/host/death-watch.ts',
    find: 'survivors.filter(({ checkpoint }) => !checkpoint);',
    replace: 'survivors.filter(() => false);',
    breaks: 'R11: tasks without a checkpoint go on without their agent',
  },
  {
    id: 'agents-that-leave-forget-what-they-recover',
    area: 'recovery',
    file: 'agent/slave-process.ts',
    find: "    if (state === 'recovering') {\n      this.#leaves = true;",
    replace: "    if (state === 'recovering' && this.#leaves) {\n      this.#leaves = true;",
    breaks: 'T6: an agent that is to leave while it recovers ends, and what it ran does not',
  },
];
