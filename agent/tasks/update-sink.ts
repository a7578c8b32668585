import type { StatusUpdate } from '../../proto/index.ts';

/** Takes status updates that the agent makes itself, on their way to the master. */
export interface UpdateSink {
  fromAgent(update: StatusUpdate): void;
}
