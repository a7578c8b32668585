import type { Route, RouteHelp } from '../event.ts';
import type { Request, Response } from '../http/http.ts';
import { percentDecoded } from '../http/percent.ts';
import { json, notFound, text } from '../http/responses.ts';
import { ROUTES } from '../plumbing.ts';
import { Process } from '../process.ts';

/**
 * `/help`: the routes of all processes of its node, from what they said when they made them. As
 * Markdown text for people, with `?format=json` for programs.
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
      .filter((component) => component !== '');
    if (id === undefined) return this.#all(request);
    const wanted = percentDecoded(id) ?? id;
    const process = [...this.node.processes()].find(({ pid }) => pid.id === wanted);
    const routes = process && helped(process.process[ROUTES]);
    if (!process || !routes || routes.length === 0) return notFound();
    if (rest.length === 0) return markdown(routes.map((each) => this.#text(process.pid.id, each)));
    const name = `/${rest.join('/')}`;
    const found = routes.find(([path]) => path === name);
    if (found) return markdown([this.#text(process.pid.id, found)]);
    return text(400, `No help available for '/${process.pid.id}${name}'.\n`);
  }

  #all(request: Request): Response {
    const processes = [...this.node.processes()]
      .map(({ pid, process }) => ({
        id: pid.id,
        endpoints: helped(process[ROUTES]).map((route) => ({
          name: route[0],
          text: this.#text(pid.id, route),
        })),
      }))
      .filter(({ endpoints }) => endpoints.length > 0)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    if (request.query['format'] === 'json') return json(200, JSON.stringify({ processes }));
    return markdown(processes.flatMap(({ endpoints }) => endpoints.map((each) => each.text)));
  }

  /** The delegate's routes are served without its id as well. */
  #text(id: string, [path, help]: HelpedRoute): string {
    const full = `/${id}${path === '/' ? '' : path}`;
    const usage = id === this.node.delegate ? [path, full] : [full];
    const sections = [
      `### USAGE ###\n${usage.map((each) => `>        ${each}`).join('\n')}`,
      `### TL;DR; ###\n${help.summary}`,
    ];
    if (help.description) sections.push(`### DESCRIPTION ###\n${help.description.join('\n')}`);
    if (help.authentication !== undefined) {
      const required = help.authentication ? 'requires' : 'does not require';
      sections.push(`### AUTHENTICATION ###\nThis endpoint ${required} authentication.`);
    }
    if (help.authorization)
      sections.push(`### AUTHORIZATION ###\n${help.authorization.join('\n')}`);
    return `${sections.join('\n\n')}\n`;
  }
}

type HelpedRoute = readonly [path: string, help: RouteHelp];

function helped(routes: ReadonlyMap<string, Route>): HelpedRoute[] {
  return [...routes]
    .flatMap(
      ([
        path,
        {
          options: { help },
        },
      ]): HelpedRoute[] => (help ? [[path, help]] : []),
    )
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

const markdown = (parts: readonly string[]): Response =>
  text(200, parts.join('\n---\n\n'), { 'content-type': 'text/markdown; charset=utf-8' });
