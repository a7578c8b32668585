import { readFileSync } from 'node:fs';
import { wireTypes } from '../../../proto/generated/all.ts';
import type { Json } from './json.ts';

/** A message between two processes, with its body as the fields by their protobuf names. */
export interface Spoken {
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly fields: Json;
}

/** What C++ masters, agents, executors and schedulers said in a story. */
export function recordedStory(story: string): Spoken[] {
  return readFileSync(new URL(`../libprocess/${story}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Partial<Spoken> & { readonly body?: string })
    .filter((row): row is Spoken & { readonly body: string } => row.name !== undefined)
    .map(({ from, to, name, body }) => ({
      from,
      to,
      name,
      fields: fieldsOf(name, Buffer.from(body, 'base64')),
    }));
}

/** Decoded by our own codec on either side, so that only what is on the wire can differ. */
export function fieldsOf(name: string, bytes: Uint8Array): Json {
  const type = wireTypes.get(name);
  if (!type) throw new Error(`'${name}' is no message of ours`);
  return JSON.parse(type.toJson(type.decode(Uint8Array.from(bytes)))) as Json;
}
