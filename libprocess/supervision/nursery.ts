import { RuntimeError } from '../errors.ts';
import type { ExitReason } from '../event.ts';
import type { PID } from '../pid.ts';
import type { Process } from '../process.ts';
import { messageOf } from '../remote/checked.ts';
import { RemoteProcess } from '../remote/remote-process.ts';
import { CAST, encodeCall } from '../remote/wire.ts';
import type { UPID } from '../upid.ts';
import { CHILD, NURSERY } from './nursery-protocol.ts';

/** Processes that one nursery runs at a time, whoever asks for them. */
export const NURSERY_PROCESSES_MAX = 10_000;

/** Characters that a child is told of why something could not be made. */
const WHY_CHARACTERS_MAX = 4_096;

/** A nursery cannot make what was asked for. */
export class NurseryError extends RuntimeError {}

/** Makes a process, anew for each start. Checks the arguments itself: they come from another node. */
export type RemoteFactory = (args: unknown) => Process;

interface Request {
  readonly make: string;
  readonly args: unknown;
}

/** What runs for a child. */
interface Started {
  readonly child: UPID;
  readonly pid: PID<Process>;
  /** Its child is gone: what becomes of it tells nothing about it. */
  orphaned: boolean;
  /** To be started in its place when it has ended. */
  next: Request | undefined;
}

/**
 * Starts processes on its node for supervisors of other nodes, which have a `RemoteChild` for each. They
 * end with that child and with the connection to its node, and all of them with the nursery.
 */
export class Nursery extends RemoteProcess {
  readonly #factories: ReadonlyMap<string, RemoteFactory>;
  readonly #byChild = new Map<string, Started>();
  readonly #byProcess = new Map<string, Started>();

  /** @param factories what may be started here, by the names that children ask for. */
  constructor(id: string, factories: Readonly<Record<string, RemoteFactory>>) {
    super(id);
    this.#factories = new Map(Object.entries(factories));
    this.serve(NURSERY, {
      start: (request, from) => {
        this.#asked(from, request);
      },
      stop: (_, from) => {
        const started = this.#byChild.get(from.toString());
        if (started) this.node.terminate(started.pid, { inject: false });
      },
    });
  }

  protected override finalize(): void {
    for (const { pid } of this.#byChild.values()) this.node.terminate(pid);
  }

  protected override exited(upid: UPID, reason: ExitReason): void {
    const ended = this.#byProcess.get(upid.toString());
    if (ended) this.#ended(ended, reason);
    const orphan = this.#byChild.get(upid.toString());
    // Linked, it is a predecessor of the child that has ended; what it had is being replaced.
    if (!orphan || this.linked(upid)) return;
    orphan.orphaned = true;
    orphan.next = undefined;
    this.node.terminate(orphan.pid);
  }

  #asked(child: UPID, request: Request): void {
    this.link(child);
    const before = this.#byChild.get(child.toString());
    if (!before) {
      this.#start(child, request);
      return;
    }
    before.next = request;
    this.node.terminate(before.pid);
  }

  #start(child: UPID, { make, args }: Request): void {
    let pid: PID<Process>;
    try {
      pid = this.node.spawn(this.#make(make, args));
    } catch (error) {
      this.#tell(child, 'refused', messageOf(error).slice(0, WHY_CHARACTERS_MAX));
      return;
    }
    const started: Started = { child, pid, orphaned: false, next: undefined };
    this.#byChild.set(child.toString(), started);
    this.#byProcess.set(pid.toString(), started);
    this.link(pid);
    this.#tell(child, 'started', pid.toString());
  }

  #make(make: string, args: unknown): Process {
    if (this.#byChild.size >= NURSERY_PROCESSES_MAX)
      throw this.#error('FULL', `has ${NURSERY_PROCESSES_MAX} processes`);
    const factory = this.#factories.get(make);
    const names = [...this.#factories.keys()].join(', ');
    if (!factory) throw this.#error('UNKNOWN', `makes no '${make}'; it has: ${names}`);
    return factory(args);
  }

  #ended({ child, pid, orphaned, next }: Started, reason: ExitReason): void {
    this.#byChild.delete(child.toString());
    this.#byProcess.delete(pid.toString());
    if (next) this.#start(child, next);
    // It may be there all the same: only the connection was lost.
    else
      this.#tell(child, 'ended', { reason: orphaned ? 'lost' : reason, why: `it has ${reason}` });
  }

  #error(code: string, what: string): NurseryError {
    return new NurseryError(code, `Nursery '${this.id}' ${what}`);
  }

  /** As from this process, which the child has linked. */
  #tell(child: UPID, method: keyof typeof CHILD.methods, args: unknown): void {
    this.post(child, CAST, encodeCall({ id: undefined, method: `${CHILD.name}.${method}`, args }));
  }
}
