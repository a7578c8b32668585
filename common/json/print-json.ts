/** A floating-point number: printed with a fraction even if it has none (`4.0`), as Mesos does. */
export class Double {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** JSON text that is ready, such as what a wire type's `toJson` made. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What `printJson` prints. Fields that are undefined are left out; bigints keep all digits. */
export type Json =
  | string
  | number
  | bigint
  | boolean
  | null
  | Double
  | RawJson
  | readonly Json[]
  | { readonly [name: string]: Json | undefined };

/** Compact JSON, fields in the order of the object. */
export function printJson(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return printNumber(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Double) return printDouble(value.value);
  if (value instanceof RawJson) return value.text;
  if (isArray(value)) return `[${value.map(printJson).join(',')}]`;
  const fields: string[] = [];
  for (const [name, field] of Object.entries(value)) {
    if (field !== undefined) fields.push(`${JSON.stringify(name)}:${printJson(field)}`);
  }
  return `{${fields.join(',')}}`;
}

/** `Array.isArray` does not narrow readonly arrays. */
function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function printNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : '0';
}

export function printDouble(value: number): string {
  const text = printNumber(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
