import {
  defer,
  delay,
  dispatch,
  Future,
  Process,
  ref,
  tell,
  type PID,
  type UPID,
} from '../../libprocess/index.ts';

/* eslint-disable @typescript-eslint/no-meaningless-void-operator, @typescript-eslint/no-confusing-void-expression,
   @typescript-eslint/no-unsafe-call,
   @typescript-eslint/no-unsafe-class-instance-assignment -- What does not compile is the subject. */

// Never run: that this file compiles is the test. Each expected error is one that users rely on.

class Counter extends Process {
  add(by: number, why?: string): number {
    return by + (why?.length ?? 0);
  }
  read(): Future<string> {
    return Future.ready('');
  }
  protected secret(): void {}
  #hidden(): void {}
  protected override initialize(): void {
    this.#hidden();
  }
}

class BetterCounter extends Counter {
  reset(): void {}
}

export function typesOfCalls(pid: PID<Counter>, better: PID<BetterCounter>, upid: UPID): void {
  const sum: Future<number> = dispatch(pid, 'add', 1);
  const text: Future<string> = dispatch(pid, 'read');
  void [sum, text, dispatch(pid, 'add', 1, 'why'), dispatch(better, 'add', 1)];
  tell(pid, 'add', 1);
  // @ts-expect-error No such method.
  dispatch(pid, 'nope');
  // @ts-expect-error An argument of another type.
  dispatch(pid, 'add', '1');
  // @ts-expect-error An argument is missing.
  dispatch(pid, 'add');
  // @ts-expect-error One argument too many.
  tell(pid, 'read', 1);
  // @ts-expect-error A result of another type.
  const wrong: Future<string> = dispatch(pid, 'add', 1);
  // @ts-expect-error Protected: libprocess's own.
  dispatch(pid, 'initialize');
  // @ts-expect-error Protected: the process's own.
  dispatch(pid, 'secret');
  // @ts-expect-error A property, not a method.
  dispatch(pid, 'id');
  // @ts-expect-error Private to its class.
  dispatch(pid, '#hidden');
  // @ts-expect-error A UPID from the wire is untyped: messages only.
  dispatch(upid, 'add', 1);
  void wrong;
}

export function typesOfPids(pid: PID<Counter>, better: PID<BetterCounter>): void {
  const counter: PID<Counter> = better;
  const any: PID<Process> = pid;
  const plain: UPID = pid;
  // @ts-expect-error A counter need not be a better one.
  const worse: PID<BetterCounter> = pid;
  void [counter, any, plain, worse];
}

export function typesOfDefer(pid: PID<Counter>): void {
  const add: (by: number, why?: string) => Future<number> = defer(pid, 'add');
  const addFive: (why?: string) => Future<number> = defer(pid, 'add', 5);
  const read: (at: number) => Future<string> = defer(pid, (at: number) => String(at));
  const text: Future<string> = dispatch(pid, () => Future.ready(''));
  void [add(1), addFive(), addFive('why'), read(1), text];
  // @ts-expect-error Given an argument of another type.
  defer(pid, 'add', 'five');
  // @ts-expect-error The rest is of another type.
  void addFive(6);
  // @ts-expect-error An argument is missing.
  void read();
}

export function typesOfDelay(pid: PID<Counter>): void {
  using timer = delay(5_000, pid, 'add', 1);
  const timers = [delay('5s', pid, 'add', 1), delay('1.5mins', pid, 'add', 1, 'why')];
  void [timer, timers];
  // @ts-expect-error An argument of another type.
  delay(5_000, pid, 'add', '1');
  // @ts-expect-error No unit of time.
  delay('5 parsecs', pid, 'add', 1);
  // @ts-expect-error No unit at all.
  delay('5', pid, 'add', 1);
  // @ts-expect-error No number.
  delay('secs', pid, 'add', 1);
}

export class Delaying extends Process {
  override initialize(): void {
    using timer = this.delay('250ms', () => undefined);
    void timer;
    // @ts-expect-error No unit of time.
    this.delay('250 parsecs', () => undefined);
  }
}

export async function typesOfRef(pid: PID<Counter>, better: PID<BetterCounter>): Promise<void> {
  const counter = ref(pid);
  const sum: number = await counter.add(3);
  const text: string = await counter.read();
  const limited: Future<number> = counter.with({ timeout: '2s' }).add(3);
  const timer: Disposable = counter.after('100ms').add(1);
  const inherited: number = await ref(better).add(1);
  void [sum, text, limited, timer, inherited];
  counter.tell.add(3);
  // @ts-expect-error No such method.
  counter.nope();
  // @ts-expect-error An argument of another type.
  void counter.add('3');
  // @ts-expect-error Protected.
  counter.secret();
  // @ts-expect-error Protected: libprocess's own.
  counter.tell.initialize();
  // @ts-expect-error An argument of another type.
  counter.tell.add('3');
  // @ts-expect-error Nothing comes back.
  const told: number = counter.tell.add(3);
  // @ts-expect-error No unit of time.
  counter.after('3 parsecs');
  // @ts-expect-error No unit of time.
  counter.with({ timeout: '3 parsecs' });
  // @ts-expect-error An argument is missing.
  void counter.with({}).add();
  // @ts-expect-error No such limit.
  counter.with({ timeoutMs: 3 });
  void told;
}
