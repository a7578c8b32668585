import { at, isObject, listAt, textAt, type Json } from './json.ts';
import type { Spoken } from './recorded-messages.ts';

/** `<id of a run of the master>-S0`, `-O0`, `-0000`, or the id alone. */
const MASTER_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=-S\d|-O\d|-\d{4}|$)/g;

/**
 * Gives everything that differs from run to run a name by what it is: the same thing gets the same
 * name wherever it stands, so that a wrong id in a field is still found. The UUID of an update is
 * named after its task and state, a container, its process and the address of the executor after
 * the executor, ids of masters in their order; times are called times. Nothing else is touched.
 */
export function named(story: readonly Spoken[]): Spoken[] {
  const names = new Names();
  for (const message of story) names.learn(message);
  return story.map(({ from, to, name, fields }) => ({
    from: names.of(from),
    to: names.of(to),
    name,
    fields: names.within(fields),
  }));
}

export class Names {
  readonly #names = new Map<Json, string>();
  readonly #masters: string[] = [];

  learn({ from, to, name, fields }: Spoken): void {
    const executor = textAt(fields, 'executor_id.value');
    if (name.endsWith('.RegisterExecutorMessage') || name.endsWith('.ReregisterExecutorMessage'))
      this.#name(from, `executor of ${executor ?? ''}`);
    for (const pid of [from, to]) if (pid.startsWith('scheduler-')) this.#name(pid, 'scheduler');
    this.#name(at(fields, 'resource_version_uuid.value'), 'resource version');
    const [version] = listAt(fields, 'resource_version_uuids');
    this.#name(version && at(version, 'uuid.value'), 'resource version');
    const update = at(fields, 'update');
    if (isObject(update)) this.#learnUpdate(update);
    for (const task of listAt(fields, 'tasks'))
      for (const status of listAt(task, 'statuses')) this.#learnUpdate({ status });
    this.#learnMasters(fields);
  }

  /** Of a file of status updates, or any other. */
  learnRecord(record: Json): void {
    const update = at(record, 'update');
    if (isObject(update)) this.#learnUpdate(update);
    this.#learnMasters(record);
  }

  /** Of an endpoint. */
  learnAnswer(answer: Json): void {
    if (isObject(answer)) {
      const container = textAt(answer, 'container');
      this.#name(container, `container of ${textAt(answer, 'id') ?? ''}`);
      const executor = textAt(answer, 'executor_id') ?? '';
      const task = executor === '' ? textAt(answer, 'id') : executor;
      for (const status of listAt(answer, 'statuses')) {
        const id = textAt(status, 'container_status.container_id.value');
        this.#name(id, `container of ${task ?? ''}`);
      }
      const pid = textAt(answer, 'pid');
      if (pid?.startsWith('scheduler-')) this.#name(pid, 'scheduler');
    }
    if (typeof answer === 'object' && answer !== null) {
      for (const each of Object.values<Json>(answer)) this.learnAnswer(each);
    } else this.#learnMasters(answer);
  }

  #learnUpdate(update: Json): void {
    const executor = textAt(update, 'status.executor_id.value') ?? '';
    const state = `${textAt(update, 'status.task_id.value') ?? ''} ${textAt(update, 'status.state') ?? ''}`;
    this.#name(at(update, 'status.uuid'), `update to ${state}`);
    this.#name(at(update, 'status.timestamp'), 'time of an update');
    this.#name(at(update, 'status.unreachable_time.nanoseconds'), 'time of an update');
    this.#name(at(update, 'status.container_status.executor_pid'), `process of ${executor}`);
    this.#name(
      at(update, 'status.container_status.container_id.value'),
      `container of ${executor}`,
    );
  }

  #learnMasters(value: Json): void {
    if (typeof value === 'string') {
      if (this.#names.has(value)) return;
      for (const [id] of value.matchAll(MASTER_ID))
        if (!this.#masters.includes(id)) this.#masters.push(id);
    } else if (typeof value === 'object' && value !== null) {
      for (const each of Object.values<Json>(value)) this.#learnMasters(each);
    }
  }

  #name(what: Json | undefined, name: string): void {
    if (what !== undefined && !this.#names.has(what)) this.#names.set(what, `<${name}>`);
  }

  /** A text that is an id, or a path of such. */
  of(text: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    return text
      .split('/')
      .map((part) => this.#names.get(part) ?? part.replaceAll(MASTER_ID, (id) => this.#master(id)))
      .join('/');
  }

  #master(id: string): string {
    return `<master ${String(this.#masters.indexOf(id) + 1)}>`;
  }

  within(value: Json): Json {
    if (typeof value === 'string') return this.of(value);
    if (typeof value === 'number') return this.#names.get(value) ?? value;
    if (Array.isArray(value)) return (value as readonly Json[]).map((each) => this.within(each));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.within(each)]));
  }
}
