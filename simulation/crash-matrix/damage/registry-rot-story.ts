import type { SimNode } from '../../../libprocess/sim/index.ts';
import { LocalLogStorage } from '../../../master/registrar/local-log/local-log-storage.ts';
import { Violation, type Stage } from '../stage.ts';

const DIRECTORY = '/var/lib/mesos/master';
const LOG = `${DIRECTORY}/registry.log`;
const WRITES = 4;

const open = ({ runtime }: SimNode): Promise<LocalLogStorage> =>
  LocalLogStorage.open({ disk: runtime.disk, random: runtime.random, directory: DIRECTORY });

/**
 * Any bit of a registry's log but for its last record, which may have been cut short: the master refuses
 * to start and names the file (R4, G4), rather than to lead with a registry that was.
 */
export async function registryRotStory(stage: Stage): Promise<void> {
  const { sim } = stage;
  const machine = sim.machine();
  const node = sim.boot(machine);
  const { fileSystem } = machine.disk;
  const storage = await sim.complete(open(node));
  let beforeLast = 0;
  for (let n = 1; n <= WRITES; n += 1) {
    beforeLast = fileSystem.status(LOG).sizeBytes;
    const chunks = [new TextEncoder().encode(`agents after ${n} writes`)];
    const expected = n === 1 ? undefined : `v${n - 1}`;
    const entry = { name: 'registry', version: `v${n}`, epoch: 1, chunks };
    await sim.complete(storage.set(entry, expected));
  }
  sim.kill(node);
  for (let offset = 0; offset < beforeLast; offset += 1) {
    fileSystem.flipBit(LOG, offset, offset % 8);
    const another = sim.boot(machine);
    const refused = await sim.complete(
      open(another).then(
        () => 'nothing',
        (error: unknown) => String(error),
      ),
    );
    if (!refused.includes(LOG))
      throw new Violation(`G4: byte ${offset} of '${LOG}' is damaged, and told is ${refused}`);
    sim.kill(another);
    fileSystem.flipBit(LOG, offset, offset % 8);
  }
  const whole = await sim.complete(open(sim.boot(machine)));
  const version = (await sim.complete(whole.get('registry')))?.version;
  if (version !== `v${WRITES}`)
    throw new Violation(`G1: in the end there is ${version ?? 'nothing'}`);
  stage.check();
}
