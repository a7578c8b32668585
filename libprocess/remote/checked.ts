import { isPromiseLike } from '../future.ts';
import type { Schema } from './protocol.ts';
import { describeIssues, type StandardSchema, type SchemaVerdict } from './standard-schema.ts';

/** What became of a value that was held against a schema. */
export type Checked =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string };

/** At once, unless the schema itself takes time. Never fails. */
export type Checking = Checked | PromiseLike<Checked>;

/** Checks a value that is about to leave; gives what to put on the wire. */
export function outgoing(schema: Schema, value: unknown): Checking {
  if (!('~standard' in schema)) return converted(schema.fullName, () => schema.encode(value));
  const checking = validated(schema, value);
  // What is sent is what was given: the other side converts it, once.
  const given = (checked: Checked): Checked => (checked.ok ? { ok: true, value } : checked);
  return isPromiseLike(checking) ? checking.then(given) : given(checking);
}

/** Checks what has come from the wire; gives what the schema makes of it. */
export function incoming(schema: Schema, value: unknown): Checking {
  if ('~standard' in schema) return validated(schema, value);
  if (!(value instanceof Uint8Array)) return misfit(`it is no ${schema.fullName} in bytes`);
  return converted(schema.fullName, () => schema.decode(value));
}

function validated(schema: StandardSchema, value: unknown): Checking {
  try {
    const verdict = schema['~standard'].validate(value);
    return isPromiseLike(verdict) ? verdict.then(judged, schemaFailed) : judged(verdict);
  } catch (error) {
    return schemaFailed(error);
  }
}

const judged = (verdict: SchemaVerdict<unknown>): Checked =>
  verdict.issues ? misfit(describeIssues(verdict.issues)) : { ok: true, value: verdict.value };

const schemaFailed = (error: unknown): Checked => misfit(`its schema failed: ${messageOf(error)}`);

function converted(fullName: string, convert: () => unknown): Checked {
  try {
    return { ok: true, value: convert() };
  } catch (error) {
    return misfit(`it is no ${fullName}: ${messageOf(error)}`);
  }
}

const misfit = (why: string): Checked => ({ ok: false, why });

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
