const EVERY_MS = 20_000;

/** Says now and then, on standard error, how far a survey is and what is being hunted. */
export class HuntProgress implements Disposable {
  readonly #all: number;
  readonly #running = new Map<string, number>();
  readonly #beganMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  #over = 0;

  constructor(all: number) {
    this.#all = all;
    this.#timer = setInterval(() => {
      process.stderr.write(`${this.line}\n`);
    }, EVERY_MS);
  }

  get line(): string {
    const minutes = (performance.now() - this.#beganMs) / 60_000;
    const running = [...this.#running].map(([name, begun]) => `${name} (run ${String(begun)})`);
    return `${String(this.#over)} of ${String(this.#all)} after ${minutes.toFixed(1)} min; ${running.join(', ')}`;
  }

  /** The hunt for `name` has begun so many seeds or cases. */
  at(name: string, begun: number): void {
    this.#running.set(name, begun);
  }

  over(name: string): void {
    this.#running.delete(name);
    this.#over += 1;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
