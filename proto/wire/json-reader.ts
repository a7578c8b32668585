import { emptyMap } from './decode.ts';
import { MalformedMessageError } from './errors.ts';
import type { FieldInfo, FieldTable } from './field.ts';
import { jsonTypeOf, scalarFromJson } from './json-scalar.ts';
import { exactInteger, parseJson } from './json-text.ts';
import type { Spelling } from './json-writer.ts';

const DEPTH_MAX = 100;

interface Context {
  readonly spelling: Spelling;
  /** Paths of required fields that are absent. */
  readonly missing: string[];
}

interface Place {
  /** Of the enclosing message, with a dot behind it. */
  readonly path: string;
  readonly depth: number;
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Mesos's rules: null is absent, unknown fields are ignored, an unknown enum name is absent (an error
 * in a required field), text that reads as a number is one, a lone value is a list of one.
 * The texts of the errors are Mesos's too, since clients see them.
 */
export function messageFromJson(fields: FieldTable, json: unknown, spelling: Spelling): unknown {
  const value = typeof json === 'string' ? parseJson(json) : json;
  if (!isObject(value)) throw new MalformedMessageError('Expecting a JSON object');
  const context: Context = { spelling, missing: [] };
  const message = readMessage(context, fields, value, { path: '', depth: 0 });
  if (context.missing.length > 0) {
    throw new MalformedMessageError(`Missing required fields: ${context.missing.join(', ')}`);
  }
  return message;
}

function readMessage(
  context: Context,
  fields: FieldTable,
  json: JsonObject,
  place: Place,
): unknown {
  if (place.depth > DEPTH_MAX) {
    throw new MalformedMessageError(`Messages are nested deeper than ${DEPTH_MAX}`);
  }
  const message: Record<string, unknown> = {};
  const missingHere: string[] = [];
  const firstOfChildren = context.missing.length;
  for (const field of fields) {
    const value = readField(context, field, pick(json, field), place);
    if (value !== undefined) message[field.name] = value;
    else if (field.rule === 'required') missingHere.push(place.path + nameOf(context, field));
  }
  // Those of the message itself are told before those of the messages in it.
  if (missingHere.length > 0) context.missing.splice(firstOfChildren, 0, ...missingHere);
  return message;
}

const nameOf = ({ spelling }: Context, field: FieldInfo): string =>
  spelling === 'v1' ? (field.v1Name ?? field.name) : field.name;

/** Own properties only: a field may bear the name of something that every object has. */
function pick(json: JsonObject, { name, v1Name }: FieldInfo): unknown {
  if (Object.hasOwn(json, name)) return json[name];
  return v1Name !== undefined && Object.hasOwn(json, v1Name) ? json[v1Name] : undefined;
}

function readField(context: Context, field: FieldInfo, json: unknown, place: Place): unknown {
  if (json === undefined || json === null) return undefined;
  switch (field.rule) {
    case 'required':
    case 'optional':
      return readValue(context, field, json, place);
    case 'repeated':
      return readList(context, field, json, place);
    case 'map':
      return readMap(context, field, json, place);
  }
}

function readList(context: Context, field: FieldInfo, json: unknown, place: Place): unknown {
  const list: unknown[] = [];
  for (const element of Array.isArray(json) ? (json.flat(DEPTH_MAX) as unknown[]) : [json]) {
    if (element === undefined || element === null) continue;
    const value = readValue(context, field, element, place, `[${list.length}]`);
    if (value !== undefined) list.push(value);
  }
  return list.length > 0 ? list : undefined;
}

function readMap(context: Context, field: FieldInfo, json: unknown, place: Place): unknown {
  if (!isObject(json)) throw notExpected(json, field);
  const map = emptyMap<unknown>();
  let size = 0;
  for (const [key, element] of Object.entries(json)) {
    if (element === null) continue;
    map[key] = readValue(context, field, element, place, `[${key}]`);
    size += 1;
  }
  return size > 0 ? map : undefined;
}

function readValue(
  context: Context,
  field: FieldInfo,
  json: unknown,
  place: Place,
  index = '',
): unknown {
  const { holds } = field;
  if (Array.isArray(json)) throw notExpected(json, field);
  if (holds.kind === 'message') {
    if (!isObject(json)) throw notExpected(json, field);
    return readMessage(context, holds.type.fields(), json, {
      path: `${place.path}${nameOf(context, field)}${index}.`,
      depth: place.depth + 1,
    });
  }
  if (isObject(json)) throw notExpected(json, field);
  if (holds.kind !== 'enum') return scalarFromJson(holds.kind, field.name, json);
  if (typeof json !== 'string') throw notExpected(json, field);
  const name = holds.values.parse(json);
  if (name === undefined && field.rule === 'required') {
    throw new MalformedMessageError(`Failed to find enum for '${json}'`);
  }
  return name;
}

function isObject(json: unknown): json is JsonObject {
  const isObjectOrNumber = typeof json === 'object' && json !== null && !Array.isArray(json);
  return isObjectOrNumber && exactInteger(json) === undefined;
}

function notExpected(json: unknown, field: FieldInfo): Error {
  return new MalformedMessageError(
    `Not expecting a JSON ${jsonTypeOf(json)} for field '${field.name}'`,
  );
}
