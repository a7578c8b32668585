import type { Request, Response } from './http.ts';
import { badRequest, json } from './responses.ts';

/** Letters of a JavaScript name, `a.b` and `a[0]` among them: nothing that could carry code. */
const CALLBACK = /^[\w$.[\]]{0,200}$/;

/** Answers with JSON text, or with a call of the function that `?jsonp=` names. */
export function jsonOrJsonp(request: Request, body: string | Uint8Array): Response {
  const callback = request.query['jsonp'];
  if (callback === undefined) return json(200, body);
  if (!CALLBACK.test(callback)) return badRequest('Invalid callback name');
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  return json(200, `${callback}(${text})`, {
    'content-type': 'text/javascript',
    'x-content-type-options': 'nosniff',
  });
}
