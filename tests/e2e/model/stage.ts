import type { CommandInfo } from '../../../proto/index.ts';
import type { TraceLine } from '../../../libprocess/trace-line.ts';
import type { TestScheduler } from '../../../testing/test-scheduler.ts';

/** One master, one agent and one scheduler, simulated or real. */
export interface Stage extends AsyncDisposable {
  readonly scheduler: TestScheduler;
  /** A command that runs until it is told to end. */
  command(id: string): CommandInfo;
  /** Lets the command of a task exit. */
  exit(id: string, code: number): void;
  until(what: string, condition: () => boolean): Promise<void>;
  /** `kill -9`, and another life. */
  restartAgent(): Promise<void>;
  restartMaster(): Promise<void>;
  /** All that was said so far, by each node in its order. */
  trace(): readonly TraceLine[];
}
