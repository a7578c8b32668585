/*
 * A scheduler, run against `dist/`, that acknowledges nothing: `node deaf-scheduler.js <master>
 * <count> <command>` launches so many tasks and prints a line of JSON for each update.
 */
const dist = new URL('../../../dist/', import.meta.url);
const { SchedulerProcess } = await import(new URL('scheduler-driver/index.js', dist));

const [master, count, value] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

class DeafScheduler extends SchedulerProcess {
  #launched = false;

  resourceOffers([offer]) {
    if (this.#launched) return;
    this.#launched = true;
    const scalar = (name, amount) => ({
      name,
      type: 'SCALAR',
      scalar: { value: amount },
    });
    const tasks = Array.from({ length: Number(count) }, (_, index) => ({
      name: `task-${index}`,
      task_id: { value: `task-${index}` },
      slave_id: offer.slave_id,
      resources: [scalar('cpus', 0.1), scalar('mem', 32)],
      command: { value },
    }));
    this.launchTasks(offer.id.value, tasks);
  }

  registered(frameworkId) {
    say({ frameworkId });
  }

  statusUpdate({ task_id, state, uuid }) {
    say({ task: task_id.value, state, uuid: Buffer.from(uuid).toString('hex') });
  }
}

await new DeafScheduler({
  master,
  framework: { user: 'root', name: 'deaf', checkpoint: true, failover_timeout: 3600 },
  implicitAcknowledgements: false,
}).run();
