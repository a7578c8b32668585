import type { CommandInfo, TaskInfo } from '../../proto/index.ts';

/**
 * What of a task this agent cannot do; undefined if it can do all. Better refused than run without:
 * a task whose files were not fetched, or that nobody checks, looks as if it worked.
 */
export function unsupported(task: TaskInfo): string | undefined {
  for (const container of [task.container, task.executor?.container]) {
    if (container?.type === 'DOCKER') return 'Docker containers';
    if (container?.mesos?.image) return 'container images';
    if ((container?.volumes?.length ?? 0) > 0) return 'volumes';
  }
  const resources = [...(task.resources ?? []), ...(task.executor?.resources ?? [])];
  if (resources.some(({ disk }) => disk?.persistence ?? disk?.volume)) return 'volumes';
  if (hasUris(task.command) || hasUris(task.executor?.command)) return 'fetching of URIs';
  if (task.health_check) return 'health checks';
  if (task.check) return 'checks';
  if (task.executor?.type === 'DEFAULT') return 'the default executor';
  return undefined;
}

function hasUris(command: CommandInfo | undefined): boolean {
  return (command?.uris?.length ?? 0) > 0;
}
