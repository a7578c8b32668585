import { MESSAGE_BYTES_MAX } from '../../libprocess/transport/limits.ts';
import { ReregisterSlaveMessage, Task } from '../../proto/index.ts';

/**
 * The message, without as many of the oldest completed tasks as make it too large to be sent: a master
 * can do without these, the agent cannot do without the master.
 */
export function fitting(
  message: ReregisterSlaveMessage,
  bytesMax = MESSAGE_BYTES_MAX,
): ReregisterSlaveMessage {
  let excess = ReregisterSlaveMessage.encode(message).length - bytesMax;
  if (excess <= 0) return message;
  const completed_frameworks = (message.completed_frameworks ?? []).map((framework) => {
    const kept = framework.tasks ?? [];
    let dropped = 0;
    for (; dropped < kept.length && excess > 0; dropped += 1) {
      const task = kept[dropped];
      if (task) excess -= Task.encode(task).length;
    }
    return { ...framework, tasks: kept.slice(dropped) };
  });
  const lean = { ...message, completed_frameworks };
  // Without their tasks whole frameworks may go as well; what lives may not.
  return excess > 0 ? { ...lean, completed_frameworks: [] } : lean;
}
