// Emits the functions that write messages as JSON.
import { v1EnumName } from './model.js';
import { alias } from './types-emitter.js';

/** @typedef {import('./model.js').Field} Field */
/** @typedef {import('./model.js').Declaration} Declaration */

/** @param {Declaration} declaration  @returns {string[]} */
export function emitJson({ name, fields, pkg }) {
  if (fields.length === 0) {
    return [
      `export function json${name}(_m: types.${name}, _s: j.Spelling): string {`,
      `  return '{}';`,
      '}',
      '',
    ];
  }
  const statements = fields.map((field) => `  ${fieldToJson(field, pkg)}`);
  const spelling = statements.some((line) => /\bs(?: ===|\))/.test(line)) ? 's' : '_s';
  return [
    `export function json${name}(m: types.${name}, ${spelling}: j.Spelling): string {`,
    `  let o = '';`,
    ...statements,
    // Every field puts a comma or the opening brace before itself.
    `  return o === '' ? '{}' : o + '}';`,
    '}',
    '',
  ];
}

/** @param {Field} field  @param {string} pkg  @returns {string} */
function fieldToJson(field, pkg) {
  const property = `m.${field.name}`;
  const v0 = `'"${field.name}":'`;
  const label = field.v1Name ? `(s === 'v1' ? '"${field.v1Name}":' : ${v0})` : v0;
  const add = (value) => `o += (o === '' ? '{' : ',') + ${label} + ${value};`;
  const present = {
    required: () => add(valueToJson(field, property, pkg)),
    optional: () => optionalToJson(field, add, pkg),
    repeated: () =>
      `if (${property} !== undefined && ${property}.length > 0) ` +
      add(`j.arrayToJson(${property}, (v) => ${valueToJson(field, 'v', pkg)})`),
    map: () =>
      `if (${property} !== undefined) ` +
      add(`j.mapToJson(${property}, (v) => ${valueToJson(field, 'v', pkg)})`),
  }[field.rule]();
  return field.v0Only ? `if (s !== 'v1') { ${present} }` : present;
}

/** @param {Field} field  @param {(value: string) => string} add  @param {string} pkg */
function optionalToJson(field, add, pkg) {
  const property = `m.${field.name}`;
  const value = valueToJson(field, property, pkg);
  // Mesos shows the default of an absent field, unless the field is deprecated.
  return field.defaultValue !== undefined && !field.deprecated
    ? add(`(${property} === undefined ? '${defaultToJson(field)}' : ${value})`)
    : `if (${property} !== undefined) ${add(value)}`;
}

/** @param {Field} field  @returns {string} */
function defaultToJson({ type, defaultValue }) {
  if (type === 'string' || type === 'enum') return JSON.stringify(defaultValue);
  return type === 'double' && Number.isInteger(defaultValue)
    ? `${defaultValue}.0`
    : `${defaultValue}`;
}

/** @param {Field} field  @param {string} value  @param {string} pkg  @returns {string} */
function valueToJson({ type, ref }, value, pkg) {
  if (ref) {
    const prefix = ref.pkg === pkg ? '' : `${alias(ref.pkg)}_codec.`;
    if (ref.kind === 'message') return `${prefix}json${ref.name}(${value}, s)`;
    const renamed = ref.values.some(([name]) => v1EnumName(name) !== name);
    return renamed
      ? `j.quoted(s === 'v1' ? ${prefix}${ref.name}.v1Name(${value}) : ${value})`
      : `j.quoted(${value})`;
  }
  switch (type) {
    case 'string':
      return `j.textToJson(${value})`;
    case 'bytes':
      return `j.bytesToJson(${value})`;
    case 'double':
    case 'float':
      return `j.doubleToJson(${value})`;
    default:
      return `String(${value})`;
  }
}
