import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NotifyFifo } from './notify-fifo.ts';
import { LineReader, NOTIFY_FILE, type Order, type Report } from '../host/protocol.ts';
import type { LauncherEvents, LauncherLink } from '../host/subprocess-backend.ts';
import type { Hello } from '../host/launcher-host.ts';

/** Heap of the launcher in MB: its whole state is a few hundred bytes a run. */
const HEAP_MB = 48;
/** A launcher that ends again and again is started ever later. */
const RESTART_DELAY_MS_MIN = 50;
const RESTART_DELAY_MS_MAX = 5_000;

/** The launcher as a Node.js process of its own, and the FIFO of its wrappers. */
export class LauncherSubprocess implements LauncherLink {
  readonly #hello: Hello;
  readonly #listener: LauncherEvents;
  readonly #fifo: NotifyFifo;
  #child: ChildProcessByStdio<Writable, Readable, null> | undefined;
  #restart: NodeJS.Timeout | undefined;
  #restartDelayMs = RESTART_DELAY_MS_MIN;
  #closed = false;

  constructor(hello: Hello, listener: LauncherEvents) {
    this.#hello = hello;
    this.#listener = listener;
    const path = join(hello.runtimeDirectory, NOTIFY_FILE);
    this.#fifo = new NotifyFifo(path, (line) => listener.noticed(line));
  }

  /** Pid of the subprocess, if there is one now. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  order(order: Order): void {
    if (this.#closed || this.#restart) return;
    if (!this.#child) this.#start();
    this.#write(order);
  }

  /** Ends its orders; it stays as long as there are runs to watch over. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#fifo[Symbol.dispose]();
    clearTimeout(this.#restart);
    this.#child?.stdout.destroy();
    this.#child?.stdin.end();
    this.#child = undefined;
  }

  #start(): void {
    const options = [`--max-old-space-size=${HEAP_MB}`, '--max-semi-space-size=1', entry()];
    const child = spawn(process.execPath, options, {
      // A session of its own: what ends the agent's group must not end the watch over its death.
      detached: true,
      env: {},
      cwd: '/',
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#child = child;
    const reader = new LineReader((line) => {
      this.#restartDelayMs = RESTART_DELAY_MS_MIN;
      this.#listener.reported(JSON.parse(line) as Report); // Our own launcher wrote it.
    });
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => reader.push(text));
    child.stdout.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
    child.on('error', () => this.#lost(child));
    child.on('exit', () => this.#lost(child));
    child.unref();
    this.#write(this.#hello);
  }

  #write(order: Order): void {
    this.#child?.stdin.write(`${JSON.stringify(order)}\n`);
  }

  #lost(child: ChildProcessByStdio<Writable, Readable, null>): void {
    if (this.#closed || this.#child !== child) return;
    this.#child = undefined;
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      this.#start();
      this.#listener.restarted();
    }, this.#restartDelayMs);
    this.#restartDelayMs = Math.min(this.#restartDelayMs * 2, RESTART_DELAY_MS_MAX);
  }
}

/** The program that composes the launcher: the built one, also from the sources. */
function entry(): string {
  return fileURLToPath(import.meta.resolve('#mesos-launcher'));
}
