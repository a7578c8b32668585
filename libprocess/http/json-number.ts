/** A double as Mesos prints it in JSON: never without a fraction; 0 for what JSON cannot say. */
export function jsonDouble(value: number): string {
  if (!Number.isFinite(value)) return '0.0';
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
