import { launcherProgram } from './launcher-program.ts';
import { shellProgram } from './shell-program.ts';
import { wrapperProgram } from './wrapper-program.ts';
import { OwnedLauncher } from '../host/owned-launcher.ts';
import type { LauncherOptions } from '../launcher.ts';
import { SimLauncherLink } from './sim-launcher-link.ts';
import type { Runtime } from '../../../../libprocess/runtime.ts';
import type { Programs } from '../../../../libprocess/sim/subprocess/program.ts';

export const LAUNCHER_PATH = '/usr/libexec/mesos/launcher';
export const WRAPPER_PATH = '/usr/libexec/mesos/run';

/** Puts the launcher, its wrapper and a small shell on the machines of a simulation. */
export function installLauncher(programs: Programs): void {
  programs.define(LAUNCHER_PATH, launcherProgram(WRAPPER_PATH));
  programs.define(WRAPPER_PATH, wrapperProgram);
  for (const name of ['sh', 'sleep', 'true', 'false', 'echo', 'exit'])
    programs.define(`/bin/${name}`, shellProgram);
}

/**
 * A launcher of simulated processes, by the same files, host and killer as the real one: tasks live
 * on when their agent is killed, and end with their machine. As `OwnedLauncher.open`.
 */
export function openSimLauncher(
  runtime: Runtime,
  options: LauncherOptions,
): Promise<OwnedLauncher<SimLauncherLink>> {
  return OwnedLauncher.open(
    runtime,
    options,
    (hello, events) => new SimLauncherLink(runtime, { hello, events, program: LAUNCHER_PATH }),
  );
}
