import { printJson, type Json } from '../../common/json/print-json.ts';
import type { RouteHelp } from '../../libprocess/event.ts';
import type { Request, Response } from '../../libprocess/http/http.ts';
import { jsonOrJsonp } from '../../libprocess/http/jsonp.ts';
import { empty } from '../../libprocess/http/responses.ts';
import { flagTexts } from '../flags-text.ts';
import type { MasterContext } from '../master-context.ts';
import { killTaskOfFramework, teardown } from './operator-actions.ts';
import { rolesJson } from './roles-json.ts';
import {
  frameworksJson,
  slavesJson,
  stateJson,
  stateSummaryJson,
  versionJson,
  type MasterTimes,
} from './state-json.ts';
import { parseTasksQuery, tasksJson } from './tasks-json.ts';

export interface MasterRoute {
  readonly path: string;
  readonly help: RouteHelp;
  /** Whether it answers before the master leads: others are 503 then. */
  readonly always?: boolean;
  readonly handle: (ctx: MasterContext, request: Request, times: MasterTimes) => Response;
}

/** Endpoints of `/master`, each also without that prefix. */
export const MASTER_ROUTES: readonly MasterRoute[] = [
  {
    path: '/health',
    help: { summary: 'Health status of the master.' },
    always: true,
    handle: () => empty(200),
  },
  {
    path: '/version',
    help: { summary: 'Version of the master.' },
    always: true,
    handle: (_ctx, request) => show(request, versionJson()),
  },
  {
    path: '/flags',
    help: { summary: 'The flags of the master.' },
    always: true,
    handle: (ctx, request) => show(request, { flags: flagTexts(ctx.flags) }),
  },
  ...withAlias('state', {
    help: { summary: 'Agents, frameworks and tasks, past ones too.' },
    handle: (ctx, request, times) => show(request, stateJson(ctx, times)),
  }),
  ...withAlias('state-summary', {
    help: { summary: 'Agents and frameworks, with counts of their tasks.' },
    handle: (ctx, request) => show(request, stateSummaryJson(ctx)),
  }),
  ...withAlias('slaves', {
    help: {
      summary: 'The agents.',
      description: ['Query parameters: `slave_id=VALUE` shows this agent only.'],
    },
    handle: (ctx, request) => show(request, slavesJson(ctx.state, request.query['slave_id'])),
  }),
  ...withAlias('frameworks', {
    help: {
      summary: 'The frameworks, with their tasks.',
      description: ['Query parameters: `framework_id=VALUE` shows this framework only.'],
    },
    handle: ({ state }, request) => {
      const lists = frameworksJson(state, request.query['framework_id']);
      return show(request, { ...lists, unregistered_frameworks: [] });
    },
  }),
  ...withAlias('tasks', {
    help: {
      summary: 'Tasks of all frameworks.',
      description: [
        'Query parameters: `limit=VALUE` (100), `offset=VALUE` (0), `order=(asc|desc)` (desc), by',
        'the time of the first status; `framework_id=VALUE`, `task_id=VALUE`.',
      ],
    },
    handle: ({ state }, request) => show(request, tasksJson(state, parseTasksQuery(request.query))),
  }),
  ...withAlias('roles', {
    help: { summary: 'The roles, who is in them and what they hold.' },
    handle: ({ state }, request) => show(request, rolesJson(state)),
  }),
  {
    path: '/redirect',
    help: { summary: 'Redirects to the leading master.' },
    handle: ({ state }) => empty(307, { location: `//${leaderAddress(state.info)}` }),
  },
  {
    path: '/teardown',
    help: {
      summary: 'Ends a framework.',
      description: ['`POST` with `frameworkId=VALUE`: shuts down its executors and removes it.'],
    },
    handle: teardown,
  },
  {
    path: '/kill-task',
    help: {
      summary: 'Kills a task.',
      description: ['`POST` with `frameworkId=VALUE&taskId=VALUE`. Not in Mesos.'],
    },
    handle: killTaskOfFramework,
  },
];

/** `/name` and the old `/name.json`. */
function withAlias(name: string, route: Omit<MasterRoute, 'path'>): readonly MasterRoute[] {
  return [
    { path: `/${name}`, ...route },
    { path: `/${name}.json`, ...route },
  ];
}

const leaderAddress = (info: { readonly hostname?: string; readonly port: number }): string =>
  `${info.hostname ?? ''}:${info.port}`;

const show = (request: Request, body: Json): Response => jsonOrJsonp(request, printJson(body));
