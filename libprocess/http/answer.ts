import { RuntimeError } from '../errors.ts';
import { endToEnd } from './framing.ts';
import type { Request, Response } from './http.ts';
import { PipeReader } from './pipe.ts';
import { internalServerError } from './responses.ts';

/** A handler gave what is no answer; the message says what is wrong with it. */
export class InvalidResponseError extends RuntimeError {
  constructor({ method, path }: Request, wrong: string) {
    const asked = `${method} ${path.slice(0, PATH_LENGTH_MAX)}`;
    super('INVALID_RESPONSE', `Failed to answer '${asked}': ${wrong}`);
  }
}

/** Final answers have these. */
const STATUS_MIN = 200;
const STATUS_MAX = 999;
/** Characters of a path, and of a header's name, that are repeated in a message. */
const PATH_LENGTH_MAX = 200;

const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
/** As RFC 9110 has it: no control characters but the tab, each character one byte. */
const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

const LENGTH = /^\d{1,15}$/;

/**
 * What keeps this from being one answer to everybody; undefined if nothing does. Types do not hold at run
 * time: a handler may return nothing, and a header may repeat what a client sent, line breaks and all.
 */
export function wrongWith(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null) {
    return `the handler returned ${answer === null ? 'null' : typeof answer}, no Response`;
  }
  const { status, headers, body } = answer as Partial<Record<keyof Response, unknown>>;
  if (!isStatus(status)) return `its status is no integer from ${STATUS_MIN} to ${STATUS_MAX}`;
  if (typeof headers !== 'object' || headers === null) return 'it has no headers';
  for (const [name, value] of Object.entries(headers)) {
    const shown = JSON.stringify(name.slice(0, PATH_LENGTH_MAX));
    if (!NAME.test(name)) return `${shown} is no name of a header`;
    if (typeof value !== 'string') return `its header ${shown} is no string`;
    if (name.toLowerCase() === 'trailer') return 'it has a header "trailer", and none can be sent';
    if (name.toLowerCase() === 'content-length' && !LENGTH.test(value)) {
      return `its header ${shown} is no number of bytes`;
    }
    if (!VALUE.test(value)) return `its header ${shown} has a line break or another such character`;
  }
  if (body instanceof Uint8Array || body instanceof PipeReader) return undefined;
  return 'its body is neither a Uint8Array nor the reader of a Pipe';
}

const isStatus = (status: unknown): boolean =>
  Number.isInteger(status) && Number(status) >= STATUS_MIN && Number(status) <= STATUS_MAX;

/** The answer, if it is one; else its body is closed. Fails with `InvalidResponseError`. */
export function checkedAnswer(request: Request, answer: Response): Response {
  const wrong = wrongWith(answer);
  if (wrong === undefined) return answer;
  closeBody(answer);
  throw new InvalidResponseError(request, wrong);
}

/** What a server sends for it: its headers as they may go out, or a 500 if it is no answer. */
export function sendable(answer: Response): Response {
  if (wrongWith(answer) === undefined) return { ...answer, headers: endToEnd(answer) };
  closeBody(answer);
  return internalServerError();
}

/** Nobody will read what is not sent. */
export function closeBody(answer: unknown): void {
  if (typeof answer !== 'object' || answer === null || !('body' in answer)) return;
  if (answer.body instanceof PipeReader) answer.body.close();
}
