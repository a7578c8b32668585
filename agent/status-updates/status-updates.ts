import { tell, type PID, type ProcessManager } from '../../libprocess/index.ts';
import type { StatusUpdate } from '../../proto/index.ts';
import type { Journal } from '../journal/journal.ts';
import type { TaskKey } from '../state/paths.ts';
import {
  StatusUpdateManagerProcess,
  type Acknowledgement,
  type RecoveredStream,
  type StatusUpdateListener,
} from './status-update-manager-process.ts';

/** The streams of status updates as the rest of the agent sees them: an actor's front. */
export class StatusUpdates {
  readonly #journal: Journal;
  readonly #listener: StatusUpdateListener;
  #manager: PID<StatusUpdateManagerProcess> | undefined;

  /** @param listener each function runs in a turn of the agent: it passes a `defer`. */
  constructor(journal: Journal, listener: StatusUpdateListener) {
    this.#journal = journal;
    this.#listener = listener;
  }

  /** Starts paused, with the streams that a former agent left. */
  start(node: ProcessManager, recovered: readonly RecoveredStream[]): void {
    this.#manager = node.spawn(
      new StatusUpdateManagerProcess({ journal: this.#journal, listener: this.#listener }),
    );
    tell(this.#manager, 'recover', recovered);
  }

  stop(node: ProcessManager): void {
    if (this.#manager) node.terminate(this.#manager);
  }

  /** Takes an update into its task's stream; `key` says where it is recorded, if it is. */
  update(update: StatusUpdate, key?: TaskKey): void {
    if (this.#manager) tell(this.#manager, 'update', update, key);
  }

  /** A scheduler has seen the head of a stream. */
  acknowledgement(acknowledgement: Acknowledgement): void {
    if (this.#manager) tell(this.#manager, 'acknowledgement', acknowledgement);
  }

  /** No master: nothing is forwarded. */
  pause(): void {
    if (this.#manager) tell(this.#manager, 'pause');
  }

  /** A master again: the head of each stream is forwarded at once. */
  resume(): void {
    if (this.#manager) tell(this.#manager, 'resume');
  }

  /** A framework's scheduler has failed over: the heads of its streams are forwarded at once. */
  resend(frameworkId: string): void {
    if (this.#manager) tell(this.#manager, 'resendFramework', frameworkId);
  }

  /** A framework has ended: its streams are forgotten. */
  cleanup(frameworkId: string): void {
    if (this.#manager) tell(this.#manager, 'removeFramework', frameworkId);
  }
}
