import type { Attribute } from '../proto/index.ts';
import { coalesce, printRanges } from './ranges.ts';
import { refusal, success, type Result } from './result.ts';
import { fromMilli, printMilli, toMilli } from './scalars.ts';
import { parseValue, type ParsedValue } from './values.ts';

/**
 * Reads an agent's attributes: `rack:r1;level:10;ports:[1-5]`. Opaque to the master but for offer
 * constraints. One name may occur more than once. Sets are no attributes (docs/attributes-resources.md).
 */
export function parseAttributes(text: string): Result<readonly Attribute[]> {
  const attributes: Attribute[] = [];
  for (const token of text.split(/[;\n]/)) {
    if (token.trim() === '') continue;
    const attribute = parseAttribute(token);
    if (!attribute.ok) return attribute;
    attributes.push(attribute.value);
  }
  return success(attributes);
}

function parseAttribute(token: string): Result<Attribute> {
  const colon = token.indexOf(':');
  const name = token.slice(0, Math.max(colon, 0)).trim();
  if (name === '') return refusal(`Invalid attribute '${token}': expecting 'name:value'`);
  const value = parseValue(token.slice(colon + 1));
  if (!value.ok) return refusal(`Invalid attribute '${name}': ${value.error}`);
  return toAttribute(name, value.value);
}

function toAttribute(name: string, value: ParsedValue): Result<Attribute> {
  switch (value.type) {
    case 'SCALAR':
      return success({ name, type: 'SCALAR', scalar: { value: fromMilli(value.milli) } });
    case 'RANGES':
      return success({ name, type: 'RANGES', ranges: { range: value.ranges } });
    case 'TEXT':
      return success({ name, type: 'TEXT', text: { value: value.text } });
    case 'SET':
      return refusal(`Invalid attribute '${name}': a set cannot be an attribute`);
  }
}

/** `rack:r1; level:10; ports:[1-5]`. */
export const printAttributes = (attributes: readonly Attribute[]): string =>
  attributes.map((attribute) => `${attribute.name}:${printValueOf(attribute)}`).join('; ');

/** The JSON object of the classic endpoints. Of attributes with one name the last one shows. */
export function attributesToJson(
  attributes: readonly Attribute[],
): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    attributes.map((attribute) => [
      attribute.name,
      attribute.type === 'SCALAR'
        ? fromMilli(toMilli(attribute.scalar?.value ?? 0))
        : printValueOf(attribute),
    ]),
  );
}

function printValueOf(attribute: Attribute): string {
  switch (attribute.type) {
    case 'SCALAR':
      return printMilli(toMilli(attribute.scalar?.value ?? 0));
    case 'RANGES':
      return printRanges(coalesce(attribute.ranges?.range ?? []));
    case 'SET':
      return `{${(attribute.set?.item ?? []).join(', ')}}`;
    case 'TEXT':
      return attribute.text?.value ?? '';
  }
}

/** Whether two agents' attributes are the same, in any order. */
export function equalAttributes(left: readonly Attribute[], right: readonly Attribute[]): boolean {
  const texts = (attributes: readonly Attribute[]): string[] =>
    attributes
      .map((attribute) => JSON.stringify([attribute.name, attribute.type, printValueOf(attribute)]))
      .sort();
  if (left.length !== right.length) return false;
  const rightTexts = texts(right);
  return texts(left).every((text, index) => text === rightTexts[index]);
}
