import { ExecutorProcess } from '../../executor/executor-process.ts';
import type { Millis } from '../../libprocess/clock.ts';
import type { MessageType } from '../../libprocess/message.ts';
import { startNode } from '../../libprocess/start-node.ts';
import type { Program, ProgramContext } from '../../libprocess/sim/subprocess/program.ts';
import type { UPID } from '../../libprocess/upid.ts';
import { StatusUpdateMessage, type TaskInfo, type TaskState } from '../../proto/index.ts';
import type { Instance } from './instance-oracle.ts';
import type { Witness } from './service-program.ts';

/** The program of the executor: `service-executor FLAVOR`. */
export const SERVICE_EXECUTOR = '/bin/service-executor';

/** What an instance is told, as the data of its task. */
export interface Order {
  readonly token: string;
  /** 0: until it is killed. */
  readonly runsMs: Millis;
  readonly code: number;
  /** Of the executor that it is meant for. */
  readonly flavor: string;
  /** Whether its executor leaves with it, and without a word. */
  readonly leaves: boolean;
  /** Whether each update is sent twice. */
  readonly repeats: boolean;
  readonly saysKilling: boolean;
}

const STARTS_WITHIN_MS = 1_500;
const QUITS_WITHIN_MS = 3_000;
const REPEATS_WITHIN_MS = 20_000;
/** An executor without instances goes after so long. */
const IDLE_MS = 40_000;

interface Held {
  readonly order: Order;
  readonly instance: Instance;
}

/** Runs instances in its own process. */
class ServiceExecutor extends ExecutorProcess {
  readonly #context: ProgramContext;
  readonly #witness: Witness;
  readonly #held = new Map<string, Held>();
  #repeats = false;

  constructor(context: ProgramContext, witness: Witness) {
    super();
    this.#context = context;
    this.#witness = witness;
  }

  protected override initialize(): void {
    super.initialize();
    this.#leaveWhenIdle();
  }

  #leaveWhenIdle(): void {
    const before = this.#held.size;
    this.delay(IDLE_MS, () => {
      const live = [...this.#held.values()].some(({ instance }) => !instance.over);
      if (live || this.#held.size > before) this.#leaveWhenIdle();
      else this.stop();
    });
  }

  protected override launchTask({ task_id, data }: TaskInfo): void {
    const order = JSON.parse(new TextDecoder().decode(data)) as Order; // As our scheduler wrote it.
    const [, flavor] = this.#context.argv;
    if (order.flavor !== flavor)
      this.#witness.violated(`T9: '${order.token}' came to an executor that it is not for`);
    const held = { order, instance: this.#witness.began(this.#context, order.token) };
    this.#held.set(task_id.value, held);
    this.#killed.delete(task_id.value);
    this.#repeats ||= order.repeats;
    this.#say(task_id.value, held, 'TASK_STARTING');
    this.delay(this.runtime.random.next() * STARTS_WITHIN_MS, () => {
      this.#say(task_id.value, held, 'TASK_RUNNING');
    });
    if (order.runsMs === 0) return;
    this.delay(STARTS_WITHIN_MS + order.runsMs, () => {
      this.#ended(task_id.value, held);
    });
  }

  #ended(taskId: string, held: Held): void {
    const { instance, order } = held;
    if (instance.over) return;
    if (order.leaves) {
      this.#context.exit(1);
      return;
    }
    instance.exitCode = order.code;
    this.#say(taskId, held, order.code === 0 ? 'TASK_FINISHED' : 'TASK_FAILED');
    instance.over = true;
  }

  /** Kills may come twice, and before it has started. */
  protected override killTask(taskId: string): void {
    const held = this.#held.get(taskId);
    if (!held || held.instance.over) return;
    if (held.order.saysKilling) this.#killing(taskId, held);
    this.delay(this.runtime.random.next() * QUITS_WITHIN_MS, () => {
      if (held.instance.over) return;
      held.instance.over = true;
      this.sendStatusUpdate({ task_id: { value: taskId }, state: 'TASK_KILLED' });
    });
  }

  readonly #killed = new Set<string>();

  #killing(taskId: string, held: Held): void {
    if (this.#killed.has(taskId)) return;
    this.#killed.add(taskId);
    this.#say(taskId, held, 'TASK_KILLING');
  }

  /** Nothing comes after the end, and nothing but it after TASK_KILLING. */
  #say(taskId: string, { instance }: Held, state: Exclude<TaskState, 'TASK_STAGING'>): void {
    if (instance.over || (state === 'TASK_RUNNING' && this.#killed.has(taskId))) return;
    this.sendStatusUpdate({ task_id: { value: taskId }, state });
  }

  /** Updates that are sent again are the same to the last byte. */
  protected override send<M>(to: UPID, type: MessageType<M>, message: M): void {
    super.send(to, type, message);
    if (!this.#repeats || type.fullName !== StatusUpdateMessage.fullName) return;
    this.delay(this.runtime.random.next() * REPEATS_WITHIN_MS, () => {
      super.send(to, type, message);
    });
  }

  protected override frameworkMessage(data: Uint8Array): void {
    this.#witness.heard(new TextDecoder().decode(data));
    this.sendFrameworkMessage(data);
  }

  protected override shutdown(): void {
    for (const { instance } of this.#held.values()) instance.over = true;
  }
}

export const serviceExecutorProgram =
  (witness: Witness): Program =>
  (context) => {
    const { runtime } = context;
    void startNode({ runtime }).then((node) => {
      const executor = new ServiceExecutor(context, witness);
      node.spawn(executor);
      executor.join().onAny(() => {
        context.exit(0);
      });
    });
  };
