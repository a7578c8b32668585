import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { type Future, FuturePromise } from '../../future.ts';
import type { ByteSink, ByteSource } from '../../io/byte-streams.ts';
import type { ExitStatus, Subprocess } from '../../subprocess.ts';
import { ioFailure, sinkOf, sourceOf } from '../io/node-streams.ts';
import { signalling } from './signalling.ts';

/** A child of this process. */
export class NodeSubprocess implements Subprocess {
  readonly pid: number;
  readonly exited: Future<ExitStatus>;
  readonly in: ByteSink | undefined;
  readonly out: ByteSource | undefined;
  readonly err: ByteSource | undefined;
  readonly #child: ChildProcess;
  readonly #exit = new FuturePromise<ExitStatus>();

  constructor(pid: number, child: ChildProcess) {
    this.pid = pid;
    this.#child = child;
    this.exited = this.#exit.future;
    const { stdin, stdout, stderr } = child;
    this.in = stdin ? sinkOf(stdin, ioFailure(`write to process ${pid}`)) : undefined;
    this.out = stdout ? sourceOf(stdout, ioFailure(`read what process ${pid} prints`)) : undefined;
    this.err = stderr ? sourceOf(stderr, ioFailure(`read what process ${pid} prints`)) : undefined;
    child.once('exit', (code, signal) => this.#ended(code, signal));
  }

  signal(name: string): boolean {
    if (this.#over) return false;
    return signalling({ pid: this.pid, name }, () => this.#child.kill(name as NodeJS.Signals));
  }

  get #over(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Output comes before the end, unless it is not read, or something else keeps the pipes open. */
  #ended(code: number | null, signal: string | null): void {
    const status: ExitStatus = signal === null ? { code: code ?? 0 } : { signal };
    const report = (): void => {
      clearTimeout(timer);
      // A grandchild may keep a pipe open; that alone must not keep this process running.
      for (const stream of [this.#child.stdout, this.#child.stderr]) {
        if (stream instanceof Socket) stream.unref();
      }
      this.#exit.set(status);
    };
    const timer = setTimeout(report, OUTPUT_GRACE_MS);
    this.#child.once('close', report);
  }
}

/** How long the end of a process waits for its pipes to close: a grandchild may hold them. */
const OUTPUT_GRACE_MS = 50;
