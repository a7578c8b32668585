import type { Route, RouteOptions } from '../event.ts';
import { helpPage } from '../http/help/help-page.ts';
import type { Request, Response } from '../http/http.ts';
import { acceptsMediaType } from '../http/negotiation.ts';
import { percentDecoded } from '../http/percent.ts';
import { json, notFound, text } from '../http/responses.ts';
import { ROUTES } from '../plumbing.ts';
import { Process } from '../process.ts';

/**
 * `/help`: the routes of all processes of its node, with what they said when they made them, if they did:
 * all of them, those of one process, one. A page for browsers, Markdown for `curl` and HTTPie, JSON with
 * `?format=json` and for who accepts that and no page.
 */
export class HelpProcess extends Process {
  constructor() {
    super('help');
    this.route('/', (request) => this.#help(request), {
      help: {
        summary: 'Help on every endpoint.',
        description: ['`/help/<process>` and `/help/<process>/<endpoint>` show a part of it.'],
      },
    });
  }

  #help(request: Request): Response {
    const [id, ...rest] = request.path
      .split('/')
      .slice(2)
      .filter((component) => component !== '')
      .map((component) => percentDecoded(component) ?? component);
    const all = this.#processes();
    if (id === undefined) return answer(request, { title: 'Help', processes: all });
    const found = all.find((process) => process.id === id);
    if (!found) return notFound();
    if (rest.length === 0)
      return answer(request, {
        title: `Help on /${id}`,
        processes: [found],
        shown: found.endpoints,
      });
    const name = `/${rest.join('/')}`;
    const endpoint = found.endpoints.find((each) => each.name === name);
    if (!endpoint) return text(400, `No help available for '/${id}${name}'.\n`);
    const processes = [{ id, endpoints: [endpoint] }];
    return answer(request, { title: `Help on /${id}${name}`, processes, shown: [endpoint] });
  }

  #processes(): Helped[] {
    return [...this.node.processes()]
      .map(({ pid, process }) => ({
        id: pid.id,
        endpoints: this.#endpoints(pid.id, process[ROUTES]),
      }))
      .filter(({ endpoints }) => endpoints.length > 0)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #endpoints(id: string, routes: ReadonlyMap<string, Route>): Endpoint[] {
    return [...routes]
      .map(([name, { options }]) => ({ name, text: this.#text(`/${id}`, name, options) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The delegate's routes are served without its id as well. */
  #text(process: string, path: string, { help, realm }: RouteOptions): string {
    const full = path === '/' ? process : `${process}${path}`;
    const usage = process === `/${this.node.delegate ?? ''}` ? [path, full] : [full];
    const authentication = help?.authentication ?? (realm === undefined ? undefined : true);
    const sections: (readonly [string, readonly string[] | undefined])[] = [
      ['USAGE', usage.map((each) => `>        ${each}`)],
      ['TL;DR;', [help?.summary ?? '']],
      ['DESCRIPTION', help ? help.description : ['This endpoint has no help.']],
      [
        'AUTHENTICATION',
        authentication === undefined
          ? undefined
          : [`This endpoint ${authentication ? 'requires' : 'does not require'} authentication.`],
      ],
      ['AUTHORIZATION', help?.authorization],
    ];
    const shown = sections.flatMap(([title, lines]) =>
      lines ? [`### ${title} ###\n${lines.join('\n')}`] : [],
    );
    return `${shown.join('\n\n')}\n`;
  }
}

interface Endpoint {
  readonly name: string;
  readonly text: string;
}

interface Helped {
  readonly id: string;
  readonly endpoints: readonly Endpoint[];
}

interface Help {
  readonly title: string;
  readonly processes: readonly Helped[];
  /** Those whose help is told in full; a list of all if absent. */
  readonly shown?: readonly Endpoint[];
}

function answer({ query, headers }: Request, { title, processes, shown }: Help): Response {
  const wantsJson =
    acceptsMediaType(headers, 'application/json') && !acceptsMediaType(headers, 'text/html');
  if (query['format'] === 'json' || wantsJson) return json(200, JSON.stringify({ processes }));
  const document = shown?.map((each) => each.text).join('\n---\n\n') ?? list(title, processes);
  if (!/^(curl|HTTPie)/.test(headers['user-agent'] ?? ''))
    return helpPage({ title, markdown: document, part: shown !== undefined });
  return text(200, document, { 'content-type': 'text/x-markdown; charset=utf-8' });
}

function list(title: string, processes: readonly Helped[]): string {
  const sections = processes.map(({ id, endpoints }) => {
    const links = endpoints.map(({ name }) => {
      const path = name === '/' ? `/${id}` : `/${id}${name}`;
      return `> [${path}](/help${encodeURI(path)})`;
    });
    return `### [/${id}](/help/${encodeURIComponent(id)}) ###\n${links.join('\n')}\n`;
  });
  return `## ${title}\n\n${sections.join('\n')}`;
}
