/** An implementation under test, in its own world. */
export interface Subject<T> extends AsyncDisposable {
  readonly it: T;
  /** Gives the outcome of `promise`; a simulated world moves on meanwhile. */
  complete<R>(promise: PromiseLike<R>): Promise<R>;
}

/** What a rejected promise was rejected with; fails if it was not. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('Expected a rejection');
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (data: Uint8Array): string => new TextDecoder().decode(data);
