/**
 * Things to close, newest first: what `AsyncDisposableStack` is to newer Node.js. Closing twice is
 * harmless. If one fails the others are closed all the same; the first failure is thrown.
 */
export class DisposerStack implements AsyncDisposable {
  #disposers: (() => unknown)[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  defer(dispose: () => unknown): void {
    this.#disposers.push(dispose);
  }

  /** A new stack with all of it; this one is empty then. */
  move(): DisposerStack {
    const moved = new DisposerStack();
    moved.#disposers = this.#disposers;
    this.#disposers = [];
    return moved;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let dispose = this.#disposers.pop(); dispose; dispose = this.#disposers.pop()) {
      try {
        await dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
