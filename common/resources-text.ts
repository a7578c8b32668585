import { MalformedMessageError, Resource } from '../proto/index.ts';
import { entryOf, itemsEntry, rangesEntry, scalarEntry, type Entry } from './resource-entry.ts';
import { ResourceKind } from './resource-kind.ts';
import { resourcesProblem } from './resource-validation.ts';
import { refusal, success, type Result } from './result.ts';
import { DEFAULT_ROLE } from './roles.ts';
import { roleProblem } from './validation.ts';
import { parseValue } from './values.ts';

/** Reads the notation of `--resources`, either form; see `Resources.parse`. */
export function parseEntries(text: string, defaultRole: string): Result<readonly Entry[]> {
  const problem = roleProblem(defaultRole);
  if (problem) return refusal(problem);
  return text.trimStart().startsWith('[')
    ? parseJson(text, defaultRole)
    : parseTokens(text, defaultRole);
}

function parseTokens(text: string, defaultRole: string): Result<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const token of text.split(/[;\n]/)) {
    if (token.trim() === '') continue;
    const entry = parseToken(token.trim(), defaultRole);
    if (!entry.ok) return entry;
    entries.push(entry.value);
  }
  const conflict = typeConflict(entries);
  return conflict === undefined ? success(entries) : refusal(conflict);
}

/** `cpus(role):4`. */
function parseToken(token: string, defaultRole: string): Result<Entry> {
  const colon = token.indexOf(':');
  if (colon === -1) return refusal(`Bad value for resources, missing ':' in '${token}'`);
  const [, name = '', , role = defaultRole, rest = ''] =
    /^([^()]*)(\(([^()]*)\))?(.*)$/s.exec(token.slice(0, colon).trim()) ?? [];
  return rest === '' && name.trim() !== ''
    ? parseAmount(token, { name: name.trim(), role: role.trim() })
    : refusal(`Bad name for resources in '${token}': mismatched parentheses or nothing`);
}

function parseAmount(
  token: string,
  { name, role }: { readonly name: string; readonly role: string },
): Result<Entry> {
  const value = parseValue(token.slice(token.indexOf(':') + 1));
  if (!value.ok) return refusal(`Bad value for resources in '${token}': ${value.error}`);
  const problem = roleProblem(role);
  if (problem) return refusal(`Bad role for resources in '${token}': ${problem}`);
  const reservations = role === DEFAULT_ROLE ? [] : [{ type: 'STATIC', role } as const];
  switch (value.value.type) {
    case 'SCALAR':
      return scalarToken(
        ResourceKind.of({ name, type: 'SCALAR', reservations }),
        value.value.milli,
      );
    case 'RANGES':
      return success(
        rangesEntry(ResourceKind.of({ name, type: 'RANGES', reservations }), value.value.ranges),
      );
    case 'SET':
      return success(
        itemsEntry(ResourceKind.of({ name, type: 'SET', reservations }), value.value.items),
      );
    case 'TEXT':
      return refusal(`Bad type for resource '${name}': '${value.value.text}' is a text`);
  }
}

function scalarToken(kind: ResourceKind, milli: number): Result<Entry> {
  if (milli < 0) return refusal(`Resource '${kind.name}' is invalid: value < 0`);
  if (kind.name === 'gpus' && milli % 1_000 !== 0) {
    return refusal("The 'gpus' resource must be a whole number");
  }
  return success(scalarEntry(kind, milli));
}

function typeConflict(entries: readonly Entry[]): string | undefined {
  const types = new Map<string, string>();
  for (const { kind } of entries) {
    const type = types.get(kind.name);
    if (type !== undefined && type !== kind.type) {
      return `Resources with the same name ('${kind.name}') but different types are not allowed`;
    }
    types.set(kind.name, kind.type);
  }
  return undefined;
}

/** A JSON array of Resource messages. What only the cluster may make is refused here. */
function parseJson(text: string, defaultRole: string): Result<readonly Entry[]> {
  const messages = parseMessages(text);
  if (!messages.ok) return messages;
  const problem = resourcesProblem(messages.value) ?? firstProblem(messages.value, notForAgents);
  return problem === undefined
    ? success(messages.value.map((message) => entryOf(withRole(message, defaultRole))))
    : refusal(problem);
}

function parseMessages(text: string): Result<readonly Resource[]> {
  try {
    const json: unknown = JSON.parse(text);
    if (!Array.isArray(json)) return refusal('Resources in JSON must be an array');
    return success(json.map((element: unknown) => Resource.fromJson(element)));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof MalformedMessageError)) throw error;
    return refusal(`Bad JSON for resources: ${error.message}`);
  }
}

function firstProblem(
  messages: readonly Resource[],
  problemOf: (message: Resource) => string | undefined,
): string | undefined {
  for (const message of messages) {
    const problem = problemOf(message);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function notForAgents({
  name,
  disk,
  reservation,
  reservations,
  ...rest
}: Resource): string | undefined {
  if (disk?.persistence) return `Resource '${name}': persistent volumes are created by frameworks`;
  if (reservation || reservations?.some(({ type }) => type === 'DYNAMIC')) {
    return `Resource '${name}': dynamic reservations are made by frameworks`;
  }
  if (rest.revocable) return `Resource '${name}': revocable resources are estimated, not given`;
  if (rest.shared) return `Resource '${name}': only volumes made by frameworks can be shared`;
  return undefined;
}

function withRole(message: Resource, defaultRole: string): Resource {
  const named = message.role !== undefined || (message.reservations?.length ?? 0) > 0;
  return named ? message : { ...message, role: defaultRole };
}
