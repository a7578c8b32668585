import type { LogLine } from './recording-logger.ts';
import { RecordingLogger } from './recording-logger.ts';
import type { NodeObserver } from '../node-observer.ts';
import type { Runtime } from '../runtime.ts';
import { DiskClient } from './disk/disk-client.ts';
import { SimDisk } from './disk/sim-disk.ts';
import type { Machine } from './machine.ts';
import type { NetworkFabric } from './network/network-fabric.ts';
import { SimNetwork } from './network/sim-network.ts';
import { SimTurns } from './sim-turns.ts';
import { SimSockets } from './io/sim-sockets.ts';
import { SimClock } from './sim-clock.ts';
import { SimHost } from './sim-host.ts';
import { SimProfiler } from './sim-profiler.ts';
import type { Programs } from './subprocess/program.ts';
import type { SimProcess } from './subprocess/sim-process.ts';
import { SimSubprocesses } from './subprocess/sim-subprocesses.ts';
import { NO_DESCRIPTORS, type Descriptors } from './subprocess/standard-streams.ts';

export interface RuntimeParts {
  readonly machine: Machine;
  readonly network: NetworkFabric;
  readonly programs: Programs;
  readonly log: (line: LogLine) => void;
  /** Who sees what a node does, if anybody. */
  readonly observe: (process: SimProcess, address: string) => NodeObserver | undefined;
}

/** The runtime of one simulated process. */
export function simRuntime(
  process: SimProcess,
  parts: RuntimeParts,
  descriptors: Descriptors = NO_DESCRIPTORS,
): Runtime {
  const { machine, network, programs, log, observe } = parts;
  const { incarnation, image, pid } = process;
  const turns = new SimTurns(incarnation, machine.processor);
  return {
    clock: new SimClock(incarnation, machine.wall),
    random: incarnation.random('product'),
    network: new SimNetwork(incarnation, machine, network),
    sockets: new SimSockets(incarnation, machine, network),
    disk: new SimDisk(new DiskClient(incarnation, machine.disk, pid)),
    subprocesses: new SimSubprocesses(
      process,
      {
        table: machine.processes,
        programs,
        fileSystem: machine.disk.fileSystem,
        runtimeOf: (child, its) => simRuntime(child, parts, its),
      },
      descriptors.sinks,
    ),
    host: new SimHost(machine, { pid, environment: image.environment, user: image.user }),
    logger: new RecordingLogger((line) => incarnation.enter(() => log(line))),
    profiler: new SimProfiler(),
    schedule: (thunk) => turns.schedule(thunk),
    onFatal: (error) => {
      throw error;
    },
    sliceMessages: () => turns.sliceMessages(),
    observe: (address) => observe(process, address),
  };
}
