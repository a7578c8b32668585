import type { PlantedBug } from './planted-bug.ts';

const STREAM = 'agent/status-updates/status-update-stream.ts';
const MANAGER = 'agent/status-updates/status-update-manager-process.ts';
const HANDLER = 'agent/tasks/status-update-handler.ts';
const COMMAND = 'executor/command/command-executor.ts';

/** An update is lost, comes twice, too late, or out of its order. */
export const UPDATE_BUGS: readonly PlantedBug[] = [
  {
    id: 'any-uuid-acknowledges-the-head',
    area: 'updates',
    file: STREAM,
    find: 'if (head?.uuid !== text || !head.stored || this.#acknowledging) {',
    replace: 'if (!head?.stored || this.#acknowledging) {',
    breaks: 'U3: a late acknowledgement of one update makes the next one forgotten',
  },
  {
    id: 'updates-are-retried-once',
    area: 'updates',
    file: MANAGER,
    find: `      entry.timer = undefined;
      if (entry.stream`,
    replace: `      if (entry.stream`,
    breaks: 'U7: an update that was lost twice is not sent again',
  },
  {
    id: 'updates-stay-when-the-master-is-back',
    area: 'updates',
    file: MANAGER,
    find: 'for (const frameworkId of this.#frameworks.keys()) this.resendFramework(frameworkId);',
    replace: '',
    breaks: 'U7: what happened while there was no master is not told to the next',
  },
  {
    id: 'repeated-updates-are-queued-again',
    area: 'updates',
    file: STREAM,
    find: "if (known) return known.stored ? [{ kind: 'accepted', update }] : NOTHING;",
    replace: "if (known?.stored) return [{ kind: 'accepted', update }];",
    breaks: 'U6: an update that its executor repeats stands in the stream twice',
  },
  {
    id: 'recovered-streams-ignore-acknowledgements',
    area: 'updates',
    file: STREAM,
    find: "else if (type === 'ACK' && uuid) stream.#acknowledge(uuid);",
    replace: '',
    breaks: 'U5: a restarted agent sends again what was acknowledged long ago',
  },
  {
    id: 'the-next-update-overtakes',
    area: 'updates',
    file: STREAM,
    find: 'return pending === this.#head ? [accepted, ...this.#forwardHead()] : [accepted];',
    replace: `const first = { kind: 'forward' as const, update: pending.update, retryAfterMs: 10_000 };
    return pending === this.#head ? [accepted, ...this.#forwardHead()] : [accepted, first];`,
    breaks: 'U2: an update is sent before the one before it was acknowledged',
  },
  {
    id: 'acknowledged-streams-do-not-go-on',
    area: 'updates',
    file: STREAM,
    find: '...(this.#ended ? NOTHING : this.#forwardHead()),',
    replace: '',
    breaks: 'U1: after an acknowledgement the next update waits for the next retry',
  },
  {
    id: 'a-stream-ends-when-it-is-empty',
    area: 'updates',
    file: STREAM,
    find: 'this.#ended = isTerminal(head.update.status.state);',
    replace: 'this.#ended = isTerminal(head.update.status.state) || this.#head === undefined;',
    breaks: 'R3: a stream that has nothing to tell for now is forgotten with its file',
  },
  {
    id: 'ended-tasks-are-never-settled',
    area: 'updates',
    file: HANDLER,
    find: 'executor.terminatedTasks.delete(task_id.value);',
    replace: '',
    breaks: 'M6: a task that is over stays with its agent, which tells each new master of it',
  },
  {
    id: 'updates-of-killed-tasks-do-not-end-them',
    area: 'updates',
    file: 'agent/tasks/task-state-change.ts',
    find: `      executor.launchedTasks.delete(taskId);
      executor.terminatedTasks.set(taskId, withStatus(launched, status));`,
    replace: `      executor.launchedTasks.set(taskId, withStatus(launched, status));`,
    breaks: 'T10: a task that has ended is ended once more with its executor',
  },
  {
    id: 'updates-go-to-the-scheduler-that-was',
    area: 'updates',
    file: 'master/frameworks/subscribe.ts',
    find: '  framework.pid = from;\n',
    replace: '  framework.pid ??= from;\n',
    breaks: 'M8: unacknowledged updates do not pass to the scheduler that takes over',
  },
  {
    id: 'kills-are-told-of-after-running-again',
    area: 'updates',
    file: COMMAND,
    find: "if (executor.reported.has('TASK_KILLING')) return [executor, []];",
    replace: '',
    breaks: 'T4: a task that is being killed is said to run',
  },
  {
    id: 'acknowledgements-are-taken-without-a-task',
    area: 'updates',
    file: 'master/tasks/status-update.ts',
    find: `if (!agent?.connected) {
    // The agent`,
    replace: `if (!agent?.active || !agent.tasks.has(framework.id, taskId(task_id.value))) {
    // The agent`,
    breaks: 'U3: updates of tasks that the master does not know are never acknowledged',
  },
  {
    id: 'patience-outlives-its-update',
    area: 'updates',
    file: MANAGER,
    find: 'if (entry.timer && entry.timer.atMs > entry.dueAtMs) this.#disposeTimer(entry);\n',
    replace: '',
    breaks: 'U7: an update is repeated when the one before would have been, minutes later',
  },
  {
    id: 'sandboxes-are-kept-for-ever',
    area: 'updates',
    file: 'agent/gc/sandbox-gc.ts',
    find: 'const due = [...this.#ended].filter(([, endedAt]) => endedAt <= limit);',
    replace: 'const due = [...this.#ended].filter(([, endedAt]) => endedAt > limit);',
    breaks: 'R8: what is old is kept, and what is new is removed',
  },
  {
    id: 'answers-about-all-tasks-leave-one-out',
    area: 'updates',
    file: 'master/tasks/reconciliation.ts',
    find: 'return [...framework.tasks.values()].map(',
    replace: 'return [...framework.tasks.values()].slice(1).map(',
    breaks: 'M12: who asks about all tasks is not told of one',
  },
  {
    id: 'tasks-are-handed-over-last-first',
    area: 'updates',
    file: 'agent/tasks/task-delivery.ts',
    find: 'for (const task of tasks) this.#deliverOne',
    replace: 'for (const task of tasks.toReversed()) this.#deliverOne',
    breaks: 'T9: an executor gets its tasks in another order than its agent',
  },
];
