import { frameworkId, taskId } from '../../common/ids.ts';
import type { Request, Response } from '../../libprocess/http/http.ts';
import { parseForm } from '../../libprocess/http/query.ts';
import { accepted, badRequest, empty, text } from '../../libprocess/http/responses.ts';
import { FrameworkErrorMessage } from '../../proto/index.ts';
import { removeFramework } from '../frameworks/framework-lifecycle.ts';
import type { MasterContext } from '../master-context.ts';
import type { Framework } from '../state/framework.ts';
import { killTask } from '../tasks/kill-and-reconcile.ts';

const NO_FRAMEWORK = 'No framework found with specified ID';

/** `POST /teardown` with `frameworkId=`: ends a framework, as its scheduler could, and tells it. */
export function teardown(ctx: MasterContext, request: Request): Response {
  const form = formOf(request, ['frameworkId']);
  if ('response' in form) return form.response;
  const framework = frameworkOf(ctx, form.fields['frameworkId']);
  if (!framework) return badRequest(NO_FRAMEWORK);
  // C++ masters leave the scheduler in ignorance: it would wait for ever.
  if (framework.pid && framework.connected) {
    ctx.send(framework.pid, FrameworkErrorMessage, { message: 'Framework has been removed' });
  }
  removeFramework(ctx, framework);
  return empty(200);
}

/**
 * `POST /kill-task` with `frameworkId=` and `taskId=`: kills a task, as its scheduler could, which
 * hears of it by the task's updates. Mesos has no such thing.
 */
export function killTaskOfFramework(ctx: MasterContext, request: Request): Response {
  const form = formOf(request, ['frameworkId', 'taskId']);
  if ('response' in form) return form.response;
  const framework = frameworkOf(ctx, form.fields['frameworkId']);
  if (!framework) return badRequest(NO_FRAMEWORK);
  const id = taskId(form.fields['taskId'] ?? '');
  if (!framework.tasks.has(id)) return badRequest('No task found with specified ID');
  killTask(ctx, framework, { task_id: { value: id } });
  return accepted();
}

const frameworkOf = (ctx: MasterContext, id: string | undefined): Framework | undefined =>
  ctx.state.frameworks.registered.get(frameworkId(id ?? ''));

type Form = { readonly fields: Readonly<Record<string, string>> } | { readonly response: Response };

function formOf(request: Request, required: readonly string[]): Form {
  if (request.method !== 'POST') return { response: methodNotAllowed(request.method) };
  const fields = parseForm(request.body);
  if (!fields) return { response: badRequest('Unable to decode query string') };
  const missing = required.find((name) => fields[name] === undefined);
  if (missing === undefined) return { fields };
  return { response: badRequest(`Missing '${missing}' query parameter in the request body`) };
}

const methodNotAllowed = (method: string): Response =>
  text(405, `405 Method Not Allowed. Expecting one of { 'POST' }, but received '${method}'.`, {
    allow: 'POST',
  });
