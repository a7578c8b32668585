import type { CommandKill, CommandRecord, CommandTask } from './command-executor.ts';

/** The record as the agent keeps it: one line of JSON. */
export function encodeRecord(record: CommandRecord): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(record)}\n`);
}

/** Undefined for what is damaged: the executor then goes by the checkpoints of the agent alone. */
export function decodeRecord(bytes: Uint8Array): CommandRecord | undefined {
  const value = parse(new TextDecoder().decode(bytes));
  if (!isObject(value) || !isTask(value['task'])) return undefined;
  const { task, completeAtMs, kill } = value;
  return {
    task,
    ...(typeof completeAtMs === 'number' && { completeAtMs }),
    ...(isKill(kill) && { kill }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTask(value: unknown): value is CommandTask {
  return (
    isObject(value) &&
    typeof value['taskId'] === 'string' &&
    typeof value['killingState'] === 'boolean' &&
    isOptionalNumber(value['killGraceMs']) &&
    isOptionalNumber(value['completionMs'])
  );
}

function isKill(value: unknown): value is CommandKill {
  return (
    isObject(value) &&
    typeof value['killAtMs'] === 'number' &&
    typeof value['graceMs'] === 'number' &&
    (value['why'] === 'request' || value['why'] === 'completion')
  );
}

function isOptionalNumber(value: unknown): boolean {
  return value === undefined || typeof value === 'number';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
