import { describeClock } from '../../tests/conformance/clock.ts';
import { describeDisk, type DiskSubject } from '../../tests/conformance/disk.ts';
import { describeHost } from '../../tests/conformance/host.ts';
import { describeProfiler } from '../../tests/conformance/profiler.ts';
import { describeLogger } from '../../tests/conformance/logger.ts';
import { describeWatcher } from '../../tests/conformance/watcher.ts';
import { describeRandom } from '../../tests/conformance/random.ts';
import { Simulation } from './simulation.ts';
import { SimProfiler } from './sim-profiler.ts';

const nothing = (): Promise<void> => Promise.resolve();

describeClock('SimClock', () => {
  const sim = new Simulation();
  return {
    it: sim.node().runtime.clock,
    complete: (promise) => sim.complete(promise),
    [Symbol.asyncDispose]: nothing,
  };
});

describeRandom('SimRandom', () => new Simulation().node().runtime.random);

describeProfiler('SimProfiler', () => new SimProfiler());

describeHost('SimHost', () => new Simulation().node().runtime.host);

describeLogger('RecordingLogger', () => {
  const sim = new Simulation();
  const { logger } = sim.node().runtime;
  return { logger, lines: () => sim.logs };
});

const openDisk = async (): Promise<DiskSubject> => {
  const sim = new Simulation();
  const { disk } = sim.node().runtime;
  await sim.complete(disk.makeDirectory('/root'));
  return {
    it: disk,
    root: '/root',
    complete: (promise) => sim.complete(promise),
    [Symbol.asyncDispose]: nothing,
  };
};

describeDisk('SimDisk', openDisk);
describeWatcher('SimDisk', openDisk);
