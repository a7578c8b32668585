export { poison, PoisonedError } from './poison.ts';
export { Incarnation } from './incarnation.ts';
export { LAN, WAN, type Latency } from './network/link-conditions.ts';
export {
  MachineDisk,
  type DiskCrash,
  type DiskFault,
  type DiskOperation,
} from './disk/machine-disk.ts';
export {
  CONTENTS_SURVIVE,
  EVERYTHING_SURVIVES,
  NAMES_SURVIVE,
  NOTHING_SURVIVES,
  type Survival,
} from './file-system/survival.ts';
export { Machine, type MachineOptions } from './machine.ts';
export { NetworkFabric, type RawService, type SimLink } from './network/network-fabric.ts';
export { RecordingLogger, type LogLine } from './recording-logger.ts';
export { SimRandom } from './sim-random.ts';
export {
  Simulation,
  type BootOptions,
  type SimNode,
  type SimulationOptions,
} from './simulation.ts';
export { Trace, digest } from './trace.ts';
export { SimulationStalledError, World } from './world.ts';
export type { Program, ProgramContext } from './subprocess/program.ts';
export { SimProcess } from './subprocess/sim-process.ts';
