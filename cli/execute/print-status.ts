import type { TaskStatus } from '../../proto/index.ts';

/** As `mesos-execute` prints it, in the words of the v1 API. */
export function printStatus(status: TaskStatus): string {
  const { task_id, state, message, source, reason, healthy } = status;
  const lines = [`Received status update ${state} for task '${task_id.value}'`];
  if (message !== undefined) lines.push(`  message: '${message}'`);
  if (source !== undefined) lines.push(`  source: ${inV1(source)}`);
  if (reason !== undefined) lines.push(`  reason: ${inV1(reason)}`);
  if (healthy !== undefined) lines.push(`  healthy?: ${healthy ? '1' : '0'}`);
  return `${lines.join('\n')}\n`;
}

const inV1 = (name: string): string => name.replace(/_SLAVE(?=_|$)/, '_AGENT');
