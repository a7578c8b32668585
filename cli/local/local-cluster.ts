import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readSslOptions } from '../../libprocess/options/ssl-options.ts';
import { MasterClient } from '../client/master-client.ts';
import { CommandError } from '../errors.ts';
import { EX_FAILED, EX_UNREACHABLE } from '../exit-codes.ts';
import { ChildDaemon, type ChildDaemonOptions, type ChildEnd } from './child-daemon.ts';

export interface LocalClusterOptions {
  readonly agents: number;
  /** Of the master; 0: any free one. */
  readonly port: number;
  /** Default: a directory for temporary files, which goes with the cluster. */
  readonly workDirectory?: string | undefined;
  /** More flags for every agent. */
  readonly agentFlags?: readonly string[];
  readonly verbose: boolean;
  /** Told in a line what happens to the daemons. */
  readonly report: (line: string) => void;
}

/** A daemon that ended sooner than this will not do better next time. */
const LIFE_MS_MIN = 5_000;
const RESTART_AFTER_MS = 500;
/** How long a daemon may take to end its tasks and itself. */
const STOP_MS_MAX = 15_000;
/** Agents register within a second, unless the machine is very busy. */
const REGISTRATION_MS_MAX = 30_000;
const POLL_MS = 50;
/** Tasks whose agent is gone for good, with all of the cluster, end after this. */
const RECOVERY_TIMEOUT = '1mins';
/** A handful of agents need no patience. */
const REGISTRATION_BACKOFF = '10ms';

interface Member {
  readonly name: string;
  readonly options: ChildDaemonOptions;
  daemon: ChildDaemon;
}

/**
 * A master and agents as subprocesses of this one. A daemon that dies is started again, on its port
 * and directory. When this process dies without a word they notice, end their tasks and themselves.
 */
export class LocalCluster implements AsyncDisposable {
  readonly directory: string;
  /** Resolves, to the reason, when a daemon could not be started again. */
  readonly failed: Promise<string>;
  readonly #options: LocalClusterOptions;
  readonly #temporary: boolean;
  readonly #members: Member[] = [];
  #fail: (reason: string) => void = () => undefined;
  #stopping = false;

  private constructor(options: LocalClusterOptions) {
    this.#options = options;
    const { workDirectory } = options;
    this.#temporary = workDirectory === undefined;
    this.directory =
      workDirectory === undefined
        ? mkdtempSync(join(tmpdir(), 'mesos-local-'))
        : resolve(workDirectory);
    this.failed = new Promise((fulfil) => {
      this.#fail = fulfil;
    });
  }

  /** Resolves when master and agents serve. Rejects with a `CommandError`, and leaves nothing. */
  static async start(options: LocalClusterOptions): Promise<LocalCluster> {
    const cluster = new LocalCluster(options);
    try {
      await cluster.#start();
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** `ip:port` of the master. */
  get master(): string {
    return this.#members[0]?.daemon.address ?? '';
  }

  /** What browsers call it by. */
  get scheme(): 'http' | 'https' {
    return readSslOptions(process.env) ? 'https' : 'http';
  }

  /** Name and address of each daemon, the master first. */
  get daemons(): readonly { readonly name: string; readonly address: string }[] {
    return this.#members.map(({ name, daemon: { address } }) => ({ name, address }));
  }

  async #start(): Promise<void> {
    const { agents, port } = this.#options;
    await this.#launch('master', (directory) => [
      'master',
      `--port=${port}`,
      `--work_dir=${join(directory, 'work')}`,
    ]);
    const names = Array.from({ length: agents }, (_, index) => `agent-${index + 1}`);
    const started = await Promise.allSettled(
      names.map((name) => this.#launch(name, (directory) => this.#agentArgv(directory))),
    );
    const failed = started.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    await this.#registered();
    this.#members.sort((left, right) => order(left.name) - order(right.name));
  }

  /** Waits until the master knows all agents. */
  async #registered(): Promise<void> {
    const { agents } = this.#options;
    // The daemons have the environment of this process, too.
    const client = await MasterClient.open(this.master, process.env);
    const deadline = performance.now() + REGISTRATION_MS_MAX;
    while ((await activeAgents(client)) < agents) {
      if (performance.now() > deadline) {
        throw new CommandError('Not all agents have registered with the master', EX_FAILED);
      }
      await new Promise((done) => setTimeout(done, POLL_MS));
    }
  }

  #agentArgv(directory: string): string[] {
    return [
      'agent',
      `--master=${this.master}`,
      '--port=0',
      `--work_dir=${join(directory, 'work')}`,
      `--runtime_dir=${join(directory, 'run')}`,
      `--recovery_timeout=${RECOVERY_TIMEOUT}`,
      `--registration_backoff_factor=${REGISTRATION_BACKOFF}`,
      ...(this.#options.agentFlags ?? []),
    ];
  }

  async #launch(name: string, argv: (directory: string) => string[]): Promise<void> {
    const directory = join(this.directory, name);
    const options: ChildDaemonOptions = {
      name,
      argv: argv(directory),
      directory,
      temporary: this.#temporary,
      verbose: this.#options.verbose,
    };
    const daemon = await ChildDaemon.start(options);
    const member: Member = { name, options, daemon };
    this.#members.push(member);
    void this.#keep(member);
  }

  /** Starts a daemon again for as long as it ends without having been asked to. */
  async #keep(member: Member): Promise<void> {
    const { name, options } = member;
    for (;;) {
      const startedAt = performance.now();
      const end = await member.daemon.ended;
      if (this.#isStopping()) return;
      if (performance.now() - startedAt < LIFE_MS_MIN) {
        this.#fail(`${name} ended ${howOf(end)} soon after its start`);
        return;
      }
      this.#options.report(`${name} ended ${howOf(end)}: starting it again`);
      await new Promise((done) => setTimeout(done, RESTART_AFTER_MS));
      if (this.#isStopping()) return;
      const port = member.daemon.address.slice(member.daemon.address.lastIndexOf(':') + 1);
      const argv = options.argv.map((flag) =>
        flag.startsWith('--port=') ? `--port=${port}` : flag,
      );
      try {
        member.daemon = await ChildDaemon.start({ ...options, argv });
      } catch (error) {
        this.#fail(error instanceof Error ? error.message : String(error));
        return;
      }
      // The cluster may have been stopped meanwhile.
      if (this.#isStopping()) member.daemon.stop('SIGKILL');
      else this.#options.report(`${name} is back`);
    }
  }

  // A call, for it may change while others are awaited.
  #isStopping(): boolean {
    return this.#stopping;
  }

  /** Ends agents with their tasks, then the master; removes what was temporary. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    const [master, ...agents] = [...this.#members].sort(
      (left, right) => order(left.name) - order(right.name),
    );
    await Promise.all(agents.map((agent) => this.#stop(agent)));
    if (master) await this.#stop(master);
    if (this.#temporary) rmSync(this.directory, { recursive: true, force: true });
  }

  async #stop({ name, daemon }: Member): Promise<void> {
    daemon.stop('SIGTERM');
    const patience = setTimeout(() => {
      this.#options.report(`${name} does not end: killing it`);
      daemon.stop('SIGKILL');
    }, STOP_MS_MAX);
    await daemon.ended;
    clearTimeout(patience);
  }
}

/** None while the master does not lead yet. */
async function activeAgents(client: MasterClient): Promise<number> {
  try {
    return (await client.agents()).filter(({ active }) => active).length;
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === EX_UNREACHABLE) return -1;
    throw error;
  }
}

const order = (name: string): number =>
  name === 'master' ? 0 : Number(name.slice(name.indexOf('-') + 1));

const howOf = ({ code, signal }: ChildEnd): string =>
  signal === null ? `with exit code ${String(code)}` : `by ${signal}`;
