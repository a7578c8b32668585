import { expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { Bed, freePort } from './support/bed.ts';
import { Workload } from './support/workload.ts';

test('daemons and frameworks write traces, in which `mesos trace check` finds what was made up', async () => {
  await using bed = new Bed();
  const traces = ['master', 'agent', 'scheduler'].map((name) => bed.path(`${name}.trace`));
  const [ofMaster = '', ofAgent = '', traceFile = ''] = traces;
  const master = await bed.master({ trace_file: ofMaster });
  const flags = { port: await freePort(), trace_file: ofAgent };
  const agent = await bed.agent(master, flags);
  const scheduler = await bed.scheduler({ master: master.address, traceFile });
  const workload = new Workload(bed);
  const tasks = workload.commands('task', 3);
  await workload.launch(scheduler, tasks);
  await agent.child.kill();
  await bed.agent(master, flags);
  for (const task of tasks) task.exit(0);
  await scheduler.reach('TASK_FINISHED', ...tasks.map(({ id }) => id));

  const check = bed.mesos('trace', 'check', ...traces);
  expect(await check.ended).toEqual({ code: 0, signal: null });
  // Two lives of the agent; at the least offers, launches, updates and what acknowledges them.
  expect(check.output).toMatch(
    / of 4 lives of nodes, [1-9]\d+ messages between them: 0 violations/,
  );

  const forged = bed.path('forged.trace');
  const lines = readFileSync(ofAgent, 'utf8').split('\n');
  const made = (line: string): boolean =>
    line.includes('"sent"') && line.includes('mesos.internal.StatusUpdateMessage');
  writeFileSync(forged, lines.filter((line) => !made(line)).join('\n'));
  const found = bed.mesos('trace', 'check', ofMaster, forged, traceFile);
  expect(await found.ended).toEqual({ code: 1, signal: null });
  expect(found.output).toContain("P4: 'mesos.internal.StatusUpdateMessage'");
});
