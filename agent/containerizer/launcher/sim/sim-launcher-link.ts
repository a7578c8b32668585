import type { Hello } from '../host/launcher-host.ts';
import { LineReader, type Order, type Report } from '../host/protocol.ts';
import type { LauncherEvents, LauncherLink } from '../host/subprocess-backend.ts';
import { redirect } from '../../../../libprocess/io/redirect.ts';
import type { Runtime } from '../../../../libprocess/runtime.ts';
import type { Subprocess } from '../../../../libprocess/subprocess.ts';

const RESTART_DELAY_MS = 50;

/** The launcher as a subprocess of whatever the runtime calls one. */
export class SimLauncherLink implements LauncherLink {
  readonly #runtime: Runtime;
  readonly #options: { readonly hello: Hello; readonly program: string };
  readonly #events: LauncherEvents;
  #state: 'none' | 'starting' | 'running' | 'lost' | 'closed' = 'none';
  #subprocess: Subprocess | undefined;
  #waiting: Order[] = [];

  constructor(
    runtime: Runtime,
    options: { readonly hello: Hello; readonly events: LauncherEvents; readonly program: string },
  ) {
    this.#runtime = runtime;
    this.#options = options;
    this.#events = options.events;
  }

  get pid(): number | undefined {
    return this.#subprocess?.pid;
  }

  order(order: Order): void {
    if (this.#state === 'closed' || this.#state === 'lost') return;
    if (this.#state === 'none') this.#start();
    if (this.#subprocess) this.#write(order);
    else this.#waiting.push(order);
  }

  [Symbol.dispose](): void {
    this.#state = 'closed';
    this.#subprocess?.in?.end();
    this.#subprocess = undefined;
  }

  #start(): void {
    this.#state = 'starting';
    const { hello, program } = this.#options;
    const spawned = this.#runtime.subprocesses.spawn({
      argv: [program],
      environment: {},
      session: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    spawned.onReady((subprocess) => {
      const reader = new LineReader((line) => {
        if (this.#state !== 'closed') this.#events.reported(JSON.parse(line) as Report);
      });
      const text = new TextDecoder();
      const hooks = [(bytes: Uint8Array) => reader.push(text.decode(bytes, { stream: true }))];
      if (subprocess.out) redirect(subprocess.out, undefined, { hooks });
      subprocess.exited.onReady(() => this.#lost());
      if (this.#state === 'closed') {
        subprocess.in?.end();
        return;
      }
      this.#state = 'running';
      this.#subprocess = subprocess;
      this.#write(hello);
      for (const order of this.#waiting.splice(0)) this.#write(order);
    });
    spawned.onFailed(() => this.#lost());
  }

  #write(order: Order): void {
    this.#subprocess?.in?.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`));
  }

  #lost(): void {
    if (this.#state === 'closed') return;
    this.#state = 'lost';
    this.#subprocess = undefined;
    this.#waiting = [];
    this.#runtime.clock.timer(RESTART_DELAY_MS, () => {
      if (this.#state !== 'lost') return;
      this.#start();
      this.#events.restarted();
    });
  }
}
