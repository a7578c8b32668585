import { FuturePromise } from '../../future.ts';
import type { ExitStatus, ProcessInfo } from '../../subprocess.ts';
import type { Incarnation } from '../incarnation.ts';

/** What a process is started from. */
export interface ProcessImage {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** Whether it starts a session and group of its own. */
  readonly session: boolean;
  readonly user: string;
}

export interface ProcessIdentity {
  readonly image: ProcessImage;
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly startTime: number;
  readonly incarnation: Incarnation;
}

export type SignalReaction = 'end' | 'stop' | 'continue' | 'handled';

/** One process of a simulated machine: a life, and what its kernel knows of it. */
export class SimProcess {
  readonly image: ProcessImage;
  readonly pid: number;
  readonly group: number;
  readonly session: number;
  readonly startTime: number;
  readonly incarnation: Incarnation;
  parent: number;
  readonly #handlers = new Map<string, () => void>();
  readonly #exit = new FuturePromise<ExitStatus>();
  #status: ExitStatus | undefined;
  #pendingSignals: string[] = [];

  constructor(identity: ProcessIdentity) {
    this.image = identity.image;
    this.pid = identity.pid;
    this.parent = identity.parent;
    this.group = identity.group;
    this.session = identity.session;
    this.startTime = identity.startTime;
    this.incarnation = identity.incarnation;
  }

  /** Whether it is a zombie, or gone. */
  get ended(): boolean {
    return this.#status !== undefined;
  }

  /** Ready when it has been reaped. */
  get exited(): FuturePromise<ExitStatus>['future'] {
    return this.#exit.future;
  }

  get info(): ProcessInfo {
    const { pid, parent, group, session, startTime } = this;
    const running = this.incarnation.stopped ? 'T' : 'S';
    return { pid, parent, group, session, startTime, state: this.ended ? 'Z' : running };
  }

  /** Handles a signal instead of its default action; KILL and STOP cannot be handled. */
  onSignal(name: string, handler: () => void): void {
    this.#handlers.set(name, handler);
  }

  /** What a signal does; a handler is run here. */
  reaction(name: string): SignalReaction {
    if (name === 'SIGKILL') return 'end';
    if (name === 'SIGSTOP') return 'stop';
    if (name === 'SIGCONT') return 'continue';
    if (this.incarnation.stopped) {
      this.#pendingSignals.push(name);
      return 'handled';
    }
    const handler = this.#handlers.get(name);
    if (handler) this.incarnation.enter(handler);
    return handler || name === 'SIGCHLD' ? 'handled' : 'end';
  }

  stop(): void {
    this.incarnation.stop();
  }

  /** Continues, and returns the signals that came meanwhile. */
  resume(): readonly string[] {
    this.incarnation.resume();
    const pending = this.#pendingSignals;
    this.#pendingSignals = [];
    return pending;
  }

  end(status: ExitStatus): void {
    this.#status = status;
    this.incarnation.record('code' in status ? `exited ${status.code}` : `ended ${status.signal}`);
    this.incarnation.end();
  }

  reaped(): void {
    if (this.#status) this.#exit.set(this.#status);
  }
}
