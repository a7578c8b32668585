const EVERY_MS = 1_000;
/** Where the line cannot be overwritten. */
const EVERY_MS_LOGGED = 20_000;

export interface Tally {
  readonly done: number;
  readonly seeds: number;
  readonly failures: number;
  readonly virtualMs: number;
  readonly events: number;
}

/** One line about a campaign, on standard error, as long as it lasts. */
export class Progress implements Disposable {
  readonly #beganMs = performance.now();
  readonly #tally: () => Tally;
  readonly #timer: NodeJS.Timeout;

  constructor(tally: () => Tally) {
    this.#tally = tally;
    const everyMs = process.stderr.isTTY ? EVERY_MS : EVERY_MS_LOGGED;
    this.#timer = setInterval(() => {
      this.#show();
    }, everyMs);
  }

  get line(): string {
    const { done, seeds, failures, virtualMs, events } = this.#tally();
    const minutes = (performance.now() - this.#beganMs) / 60_000;
    const hours = virtualMs / 3_600_000;
    const eventsPerSecond = Math.round(events / (minutes * 60));
    return (
      `${done} of ${seeds} seeds, ${Math.round(done / minutes)} a minute, ` +
      `${hours.toFixed(1)} virtual hours, ${eventsPerSecond} events a second, ${failures} failed`
    );
  }

  #show(): void {
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${this.line}` : `${this.line}\n`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }
}
