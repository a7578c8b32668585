import { refusal, success, type Result } from '../../common/result.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads JSON that is an object. `example` is shown to whoever writes anything else. */
export function parseJsonObject(text: string, example: string): Result<JsonObject> {
  const value = valueOf(text);
  if (isObject(value)) return success(value);
  return refusal(`Expecting a JSON object such as '${example}', not '${text}'`);
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
