// Reads the .proto files and lays out what the emitters need, one object per package.
import fs from 'node:fs';
import path from 'node:path';

import protobuf from 'protobufjs';

/**
 * @typedef {object} Field
 * @property {string} name  Name in the .proto, which is also the property in TypeScript.
 * @property {number} id
 * @property {'required' | 'optional' | 'repeated' | 'map'} rule
 * @property {boolean} packed
 * @property {string} type  Scalar type of protobuf, or 'enum', 'message'.
 * @property {Declaration | undefined} ref  The enum or message.
 * @property {boolean} asNumber  A 64-bit integer that is a `number` in TypeScript.
 * @property {unknown} defaultValue
 * @property {boolean} deprecated
 * @property {string | undefined} v1Name  Name in the v1 API, where it differs.
 * @property {boolean} v0Only
 * @property {number[]} excludes  Numbers of the other fields of its oneof.
 *
 * @typedef {object} Declaration
 * @property {'message' | 'enum'} kind
 * @property {string} name  Name in TypeScript: the nesting, joined.
 * @property {string} fullName
 * @property {string} pkg
 * @property {string | undefined} comment
 * @property {Field[]} fields  Of a message, in the order of the .proto.
 * @property {boolean} keepUnknown
 * @property {[string, number][]} values  Of an enum.
 *
 * @typedef {object} Package
 * @property {string} name
 * @property {string} file  Base name of the generated files.
 * @property {Declaration[]} declarations
 */

/** What the v1 API calls otherwise. */
const V1_FIELDS = new Map([
  ['slave_id', 'agent_id'],
  ['slave_info', 'agent_info'],
]);

/** Name of an enum value in the v1 API.  @param {string} name  @returns {string} */
export const v1EnumName = (name) => name.replace(/^(SOURCE|REASON)_SLAVE/, '$1_AGENT');

/** @param {string[]} files  @returns {Package[]} */
export function readModel(files) {
  const root = new protobuf.Root();
  // The declarations of our options extend protobuf's own descriptor; the parser needs neither.
  for (const file of files.filter((name) => path.basename(name) !== 'options.proto')) {
    protobuf.parse(fs.readFileSync(file, 'utf8'), root, {
      keepCase: true,
      alternateCommentMode: true,
    });
  }
  root.resolveAll();
  const declarations = new Map();
  collect(root, [], declarations);
  for (const [type, declaration] of declarations) {
    if (type instanceof protobuf.Type) {
      declaration.fields = type.fieldsArray.map((field) => fieldOf(field, declarations));
    }
  }
  return packagesOf([...declarations.values()]);
}

/** @param {protobuf.NamespaceBase} parent  @param {string[]} nesting  @param {Map<protobuf.ReflectionObject, Declaration>} into */
function collect(parent, nesting, into) {
  for (const object of parent.nestedArray) {
    if (object instanceof protobuf.Type || object instanceof protobuf.Enum) {
      const isEnum = object instanceof protobuf.Enum;
      const fullName = object.fullName.slice(1);
      const names = [...nesting, object.name];
      into.set(object, {
        kind: isEnum ? 'enum' : 'message',
        name: names.join(''),
        fullName,
        pkg: fullName.split('.').slice(0, -names.length).join('.'),
        comment: object.comment ?? undefined,
        fields: [],
        keepUnknown: object.options?.['(mesos_ts.keep_unknown)'] === true,
        values: isEnum ? Object.entries(object.values) : [],
      });
      if (!isEnum) collect(object, names, into);
    } else if (object instanceof protobuf.Namespace) {
      collect(object, nesting, into);
    }
  }
}

/** @param {protobuf.Field} field  @param {Map<protobuf.ReflectionObject, Declaration>} declarations  @returns {Field} */
function fieldOf(field, declarations) {
  const ref = field.resolvedType ? declarations.get(field.resolvedType) : undefined;
  const isMap = field instanceof protobuf.MapField;
  if (isMap && field.keyType !== 'string') {
    throw new Error(`${field.fullName}: only maps with string keys are supported`);
  }
  return {
    name: field.name,
    id: field.id,
    rule: isMap ? 'map' : field.repeated ? 'repeated' : field.required ? 'required' : 'optional',
    packed: field.repeated && field.packed,
    type: ref?.kind ?? field.type,
    ref,
    asNumber: field.options?.['(mesos_ts.number)'] === true,
    defaultValue: field.options?.default,
    deprecated: field.options?.deprecated === true,
    v1Name: V1_FIELDS.get(field.name),
    excludes: (field.partOf?.fieldsArray ?? []).map(({ id }) => id).filter((id) => id !== field.id),
    v0Only: field.options?.['(mesos_ts.v0_only)'] === true,
  };
}

/** @param {Declaration[]} declarations  @returns {Package[]} */
function packagesOf(declarations) {
  const packages = new Map();
  for (const declaration of declarations) {
    const { pkg, name } = declaration;
    if (!packages.has(pkg)) {
      packages.set(pkg, { name: pkg, file: fileOf(pkg), declarations: [] });
    }
    const siblings = packages.get(pkg).declarations;
    const clash = siblings.find((other) => other.name === name);
    if (clash) throw new Error(`${declaration.fullName} and ${clash.fullName} are both ${name}`);
    siblings.push(declaration);
  }
  return [...packages.values()];
}

/** @param {string} pkg */
export const fileOf = (pkg) => pkg.replaceAll('.', '-').replaceAll('_', '-');
