import type { Json } from '../../common/json/print-json.ts';
import type { MasterState } from '../state/master-state.ts';
import type { TaskRecord } from '../state/task-record.ts';
import { taskOf } from './framework-json.ts';

/** Tasks that `/tasks` shows unless `limit` says otherwise. */
export const TASKS_SHOWN_DEFAULT = 100;

export interface TasksQuery {
  readonly limit: number;
  readonly offset: number;
  readonly ascending: boolean;
  readonly frameworkId: string | undefined;
  readonly taskId: string | undefined;
}

/** What is not a number, or no order, counts as not given. */
export function parseTasksQuery(query: Readonly<Record<string, string>>): TasksQuery {
  return {
    limit: count(query['limit']) ?? TASKS_SHOWN_DEFAULT,
    offset: count(query['offset']) ?? 0,
    ascending: query['order'] === 'asc',
    frameworkId: query['framework_id'],
    taskId: query['task_id'],
  };
}

const count = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

/** `/tasks`: of all frameworks, past ones too, by the time of their first status. */
export function tasksJson(state: MasterState, query: TasksQuery): Json {
  const tasks = [...allTasks(state)].filter(
    (task) =>
      (query.frameworkId === undefined || task.frameworkId === query.frameworkId) &&
      (query.taskId === undefined || task.taskId === query.taskId),
  );
  const direction = query.ascending ? 1 : -1;
  tasks.sort((left, right) => direction * (firstSeen(left) - firstSeen(right)));
  return { tasks: tasks.slice(query.offset, query.offset + query.limit).map(taskOf) };
}

/** Tasks without a status are the newest. */
const firstSeen = (task: TaskRecord): number =>
  task.statuses[0]?.timestamp ?? Number.MAX_SAFE_INTEGER;

function* allTasks({ frameworks }: MasterState): Generator<TaskRecord> {
  for (const list of [frameworks.registered, frameworks.completed]) {
    for (const framework of list.values()) {
      yield* framework.tasks.values();
      yield* framework.unreachableTasks.values();
      yield* framework.completedTasks.toArray();
    }
  }
}
