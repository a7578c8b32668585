import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Headers } from '../../network.ts';

/** How long a client may send nothing before it is taken for one that has its answer, and how often it is looked. */
const QUIET_MS = 2_000;
const ROUNDS_MAX = 15;

/** Ends the connection with this answer: what of the body is still to come is not wanted. */
export function endsWith(response: ServerResponse, { socket }: IncomingMessage): void {
  response.shouldKeepAlive = false;
  socket.destroySoon = () => {
    linger(socket); // What Node.js calls once the answer is written.
  };
}

/** Answers what asked for another protocol, on a connection that nobody else looks after any more. */
export function refuse(socket: Socket, status: number, headers: Headers): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\n` +
      `Connection: close\r\nContent-Length: 0\r\n${lines.join('')}\r\n`,
  );
  linger(socket);
}

/**
 * Ends a connection whose client may still be sending, so that it reads the last answer. If it were closed now, the
 * kernel would answer the next byte with a reset, and whoever fails to write never gets to read (RFC 9112, 9.6).
 * What still comes is dropped, for as long as Apache httpd does it.
 */
export function linger(socket: Socket): void {
  socket.end();
  let seen = socket.bytesRead;
  let rounds = 0;
  const look = setInterval(() => {
    rounds += 1;
    if (socket.bytesRead === seen || rounds === ROUNDS_MAX) socket.destroy();
    seen = socket.bytesRead;
  }, QUIET_MS);
  look.unref();
  socket.once('close', () => {
    clearInterval(look);
  });
  socket.resume();
}
