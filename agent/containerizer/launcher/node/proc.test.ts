import { spawn } from 'node:child_process';
import { afterAll, expect, test } from '@jest/globals';
import { sandboxOf } from './proc.ts';

const children: ReturnType<typeof spawn>[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

function running(env: Record<string, string>): number {
  const child = spawn('/bin/sleep', ['60'], { env });
  children.push(child);
  return child.pid ?? 0;
}

// The killer ends what bears the mark of a run: what bears none must not look like one that does.
test.each([
  ['no environment', {}, undefined],
  ['an empty mark', { MESOS_SANDBOX: '' }, undefined],
  ['another variable', { NOT_MESOS_SANDBOX: '/a' }, undefined],
  ['the mark', { A: 'b', MESOS_SANDBOX: '/sandbox' }, '/sandbox'],
])('a process with %s', (_case, env: Record<string, string>, expected) => {
  expect(sandboxOf(running(env))).toBe(expected);
});
