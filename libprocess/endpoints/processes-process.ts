import type { MailboxEvent } from '../event.ts';
import type { Request, Response } from '../http/http.ts';
import { jsonOrJsonp } from '../http/jsonp.ts';
import { notFound } from '../http/responses.ts';
import { Process } from '../process.ts';

/** Events listed of one mailbox; a full one would make the answer as large as the backlog. */
const EVENTS_LISTED_MAX = 1_000;

/** `/__processes__`: all processes of its node and what waits in their mailboxes. */
export class ProcessesProcess extends Process {
  constructor() {
    super('__processes__');
    this.route('/', (request) => this.#list(request), {
      help: { summary: 'All processes and the events that wait in their mailboxes.' },
    });
  }

  #list(request: Request): Response {
    if (request.path.replace(/\/$/, '') !== `/${this.id}`) return notFound();
    const processes = [...this.node.processes()].map((mailbox) => {
      const events: object[] = [];
      for (const event of mailbox.events()) {
        if (events.length >= EVENTS_LISTED_MAX) break;
        events.push(describe(event));
      }
      return { events, id: mailbox.pid.id };
    });
    return jsonOrJsonp(request, JSON.stringify(processes));
  }
}

/** Bodies are left out: they are large, and may hold secrets. */
function describe(event: MailboxEvent): object {
  switch (event.kind) {
    case 'message': {
      const { name, from, to } = event.subject;
      return { type: 'MESSAGE', name, from: from.toString(), to: to.toString() };
    }
    case 'http':
      return { type: 'HTTP', method: event.subject.method, url: event.subject.path };
    case 'dispatch':
    case 'thunk':
      return { type: 'DISPATCH' };
    case 'exited':
      return { type: 'EXITED' };
    case 'terminate':
      return { type: 'TERMINATE' };
  }
}
