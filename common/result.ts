/**
 * What a parser or a validation answers. A refusal is a value here, never an exception: the text is
 * for the person who wrote the input and begins with what is wrong with it.
 */
export type Result<T> = Success<T> | Refusal;

/** It was understood, or allowed. */
export interface Success<T> {
  readonly ok: true;
  readonly value: T;
}

/** It was not; the value says why. */
export interface Refusal {
  readonly ok: false;
  readonly error: string;
}

export const success = <T>(value: T): Success<T> => ({ ok: true, value });

export const refusal = (error: string): Refusal => ({ ok: false, error });
