import { Future, RuntimeError, type Disk, type Runtime } from '../../libprocess/index.ts';
import { findUser } from './users.ts';

/** As in Mesos: others than the task's user see nothing. */
const SANDBOX_MODE = 0o750;

/** Makes the directory that an executor and its tasks work in, owned by their user. */
export function createSandbox(
  { disk: anywhere, host, logger }: Runtime,
  { directory, user }: { readonly directory: string; readonly user: string | undefined },
): Future<void> {
  const disk = anywhere.at('sandbox');
  const create = async (): Promise<void> => {
    const owner = user === undefined || user === host.user ? undefined : await findUser(disk, user);
    if (user !== undefined && user !== host.user && !owner) {
      throw new RuntimeError('USER_UNKNOWN', `There is no user '${user}' on this agent`);
    }
    await disk.makeDirectory(directory);
    await disk.setMode(directory, SANDBOX_MODE);
    if (owner) await disk.setOwner(directory, owner.uid, owner.gid);
    // A convenience: what keeps it from being made will be told by what the launch needs.
    await pointLatestTo(disk, directory).catch((error: unknown) => {
      logger.child('agent').debug('Failed to link the latest run', { directory, error });
    });
  };
  return Future.from(create());
}

/** `runs/latest`, which people and dashboards follow, shows the newest run. */
async function pointLatestTo(disk: Disk, directory: string): Promise<void> {
  const link = `${directory.slice(0, directory.lastIndexOf('/'))}/latest`;
  const made = `${link}.${directory.slice(directory.lastIndexOf('/') + 1)}`;
  await disk.symlink(directory, made);
  await disk.rename(made, link);
}
