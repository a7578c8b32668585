import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { FuturePromise } from '../future.ts';
import type { ExitStatus, Subprocess } from '../subprocess.ts';

/** A child of this process. */
export class NodeSubprocess implements Subprocess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #exit = new FuturePromise<ExitStatus>();
  readonly exited = this.#exit.future;

  constructor(pid: number, child: ChildProcess) {
    this.pid = pid;
    this.#child = child;
    child.stdin?.on('error', () => undefined);
    // Output that nobody asked for in the first turn is read and dropped: a full pipe stops a child.
    setImmediate(() => {
      for (const stream of [child.stdout, child.stderr]) {
        if (stream?.listenerCount('data') === 0) stream.resume();
      }
    });
    child.once('exit', (code, signal) => this.#ended(code, signal));
  }

  write(bytes: Uint8Array): void {
    if (this.#child.stdin?.writable) this.#child.stdin.write(bytes);
  }

  end(): void {
    this.#child.stdin?.end();
  }

  onOutput(listener: (descriptor: 1 | 2, bytes: Uint8Array) => void): void {
    const listen = (stream: Readable | null, descriptor: 1 | 2): void => {
      stream?.on('data', (chunk: Uint8Array) => listener(descriptor, new Uint8Array(chunk)));
    };
    listen(this.#child.stdout, 1);
    listen(this.#child.stderr, 2);
  }

  signal(name: string): boolean {
    return !this.#over && this.#child.kill(name as NodeJS.Signals);
  }

  get #over(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Output comes before the end, unless something else keeps the pipes open for long. */
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
