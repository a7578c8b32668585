import { LauncherSubprocess } from './launcher-subprocess.ts';
import { OwnedLauncher } from '../host/owned-launcher.ts';
import type { LauncherOptions } from '../launcher.ts';
import type { Runtime } from '../../../../libprocess/runtime.ts';

/** A launcher of real processes; `link.pid` is that of its subprocess, if one runs now. */
export type NodeLauncher = OwnedLauncher<LauncherSubprocess>;

/** As `OwnedLauncher.open`. */
export function openNodeLauncher(
  runtime: Runtime,
  options: LauncherOptions,
): Promise<NodeLauncher> {
  return OwnedLauncher.open(
    runtime,
    options,
    (hello, events) => new LauncherSubprocess(hello, events),
  );
}
