import { LONG_MS, launcherConformance, type Behaviour, type LauncherBed } from './launcher.ts';
import type { Launcher, RunSpecification } from '../../agent/containerizer/launcher/launcher.ts';
import {
  installLauncher,
  openSimLauncher,
} from '../../agent/containerizer/launcher/sim/sim-launcher.ts';
import { Simulation } from '../../libprocess/sim/index.ts';
import type { Subprocesses } from '../../libprocess/subprocess.ts';

class SimBed implements LauncherBed {
  readonly #sim = new Simulation({ seed: 1 });
  readonly #machine = this.#sim.machine();
  /** Looks at the machine, and stays when agents go. */
  readonly #observer = this.#sim.boot(this.#machine);
  readonly subprocesses: Subprocesses = this.#observer.runtime.subprocesses;
  #agent = this.#sim.boot(this.#machine);

  constructor() {
    installLauncher(this.#sim.programs);
  }

  async open(options: { readonly recoveryTimeoutMs: number }): Promise<Launcher> {
    if (!this.#agent.alive) this.#agent = this.#sim.boot(this.#machine);
    const { runtime } = this.#agent;
    const launcher = await this.#sim.complete(
      openSimLauncher(runtime, { ...options, runtimeDirectory: '/run/mesos' }),
    );
    return this.#driven(launcher);
  }

  async crash(): Promise<void> {
    this.#sim.kill(this.#agent);
    await this.#sim.settle();
  }

  run(containerId: string, behaviour: Behaviour): RunSpecification {
    const sandbox = `/sandboxes/${containerId.replaceAll('/', '_')}`;
    void this.#observer.runtime.disk.makeDirectory(sandbox);
    return {
      containerId,
      argv: ['/bin/sh', '-c', TEXTS[behaviour.does](behaviour)],
      environment: { PATH: '/bin' },
      sandbox,
      stdout: `${sandbox}/stdout`,
      stderr: `${sandbox}/stderr`,
      checkpoint: true,
    };
  }

  killWrapper(_launcher: Launcher, pid: number): void {
    this.subprocesses.signal(pid, 'SIGKILL');
  }

  until(condition: () => boolean): Promise<void> {
    return this.#sim.until(condition);
  }

  elapse(ms: number): Promise<void> {
    return this.#sim.advance(ms);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sim.powerOff(this.#machine);
    await this.#sim.settle();
  }

  /** The world moves only when it is told to: whoever awaits a launcher tells it so. */
  #driven(launcher: Launcher): Launcher {
    const complete = <T>(promise: PromiseLike<T>): Promise<T> => this.#sim.complete(promise);
    const wait = new Set(['launch', 'recover', 'containers', 'usage', 'forget']);
    return new Proxy(launcher, {
      get: (target, name) => {
        if (name === Symbol.asyncDispose) return () => complete(target[Symbol.asyncDispose]());
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...args: readonly unknown[]): unknown => {
          const result: unknown = Reflect.apply(member, target, args);
          return wait.has(String(name)) ? complete(result as PromiseLike<unknown>) : result;
        };
      },
    });
  }
}

const seconds = LONG_MS / 1_000;

const TEXTS: Readonly<Record<Behaviour['does'], (behaviour: Behaviour) => string>> = {
  exit: (behaviour) => `exit ${'code' in behaviour ? behaviour.code : 0}`,
  die: (behaviour) => `kill -${'signal' in behaviour ? behaviour.signal : 9} $$`,
  sleep: () => `exec sleep ${seconds}`,
  'ignore-term': () => `trap '' TERM; sleep ${seconds}`,
  fork: () => `sleep ${seconds} & setsid sleep ${seconds} & sleep ${seconds}`,
  'leave-child': () => `sleep ${seconds} & exit 0`,
};

launcherConformance('the launcher of simulated processes', () => Promise.resolve(new SimBed()));
