import type { Request } from '../http/http.ts';
import { percentDecoded } from '../http/percent.ts';
import { Message, type MessageHead } from '../message.ts';
import {
  parseTraceHeaders,
  printTraceHeaders,
  traceHeadersOf,
  type TraceHeaders,
} from '../tracing/trace-context.ts';
import { NULL_UPID, UPID } from '../upid.ts';

const USER_AGENT_PREFIX = 'libprocess/';
const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);
const CHUNKED_END = encoder.encode('\r\n0\r\n\r\n');

/**
 * A message as C++ libprocess writes it: a POST whose body is one chunk. An empty message has no
 * length at all; the end of the headers ends it. The trace that it belongs to is two headers that C++ skips.
 */
export function encodePost(message: Message): Uint8Array {
  const { to, from, name } = message;
  const body = message.bytes;
  const path = to.id === '' ? `/${name}` : `/${encodeId(to.id)}/${name}`;
  const sender = from.toString();
  const head =
    `POST ${path} HTTP/1.1\r\n` +
    `User-Agent: ${USER_AGENT_PREFIX}${sender}\r\n` +
    `Libprocess-From: ${sender}\r\n` +
    'Connection: Keep-Alive\r\n' +
    `Host: ${to.address}\r\n` +
    (message.trace === undefined ? '' : traceLines(message.trace));
  if (body.length === 0) return encoder.encode(`${head}\r\n`);
  const start = encoder.encode(
    `${head}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`,
  );
  const post = new Uint8Array(start.length + body.length + CHUNKED_END.length);
  post.set(start);
  post.set(body, start.length);
  post.set(CHUNKED_END, start.length + body.length);
  return post;
}

/** Nothing of what makes no sense: it may have come from elsewhere, and hold lines of its own. */
function traceLines(trace: TraceHeaders): string {
  const span = parseTraceHeaders(trace);
  if (!span) return '';
  const { traceparent, tracestate } = printTraceHeaders(span);
  const state = tracestate === undefined ? '' : `tracestate: ${tracestate}\r\n`;
  return `traceparent: ${traceparent}\r\n${state}`;
}

/** Names that would break a request out of its lines are never sent. */
export function isPostable({ to, from, name }: MessageHead): boolean {
  return !UNSAFE.test(to.id) && !UNSAFE.test(from.id) && !UNSAFE.test(name);
}

// Ids such as `slave(1)` go out as they are, as C++ sends them; what cannot stand in a path does not.
const encodeId = (id: string): string =>
  id.replace(/[%?#/]/g, (character) => encodeURIComponent(character));

const UNSAFE = /[\u0000-\u0020\u007f-\uffff]/;

/** Whether a request is a libprocess message. */
export function isPost({ method, headers }: Request): boolean {
  if (method !== 'POST') return false;
  return (
    headers['libprocess-from'] !== undefined ||
    (headers['user-agent'] ?? '').startsWith(USER_AGENT_PREFIX)
  );
}

/** What C++ libprocess answers when it cannot make a message of the request. */
export interface PostRefusal {
  readonly status: 400 | 500;
  readonly reason: string;
}

/** Reads a request for which `isPost` holds. `address` is the node's own. */
export function decodePost(request: Request, address: string): Message | PostRefusal {
  const { headers, path } = request;
  const sender =
    headers['libprocess-from']?.trim() ??
    (headers['user-agent'] ?? '').slice(USER_AGENT_PREFIX.length);
  if (sender === '') return { status: 500, reason: 'Failed to determine the sender' };
  if (!path.startsWith('/')) return { status: 400, reason: "Path does not begin with '/'" };
  const slash = path.indexOf('/', 1);
  const id = percentDecoded(slash < 0 ? path.slice(1) : path.slice(1, slash));
  if (id === undefined) return { status: 500, reason: 'Failed to decode the path' };
  const name = slash < 0 ? '' : path.slice(slash + 1);
  // A sender that is no UPID can get no answer, but its message counts (fidelity.md 34).
  const from = UPID.parse(sender) ?? NULL_UPID;
  const body = request.body.length === 0 ? NOTHING : request.body;
  const message = Message.ofBytes({ name, from, to: new UPID(id, address) }, body);
  message.trace = traceHeadersOf(headers);
  return message;
}
