import { spawnSync } from 'node:child_process';
import { LaunchError } from '../errors.ts';

/** A user as the system knows it now; asked once, since names rarely change hands. */
export class Users {
  readonly #known = new Map<string, { readonly uid: number; readonly gid: number }>();

  /** Whom to switch to for `name`; undefined if that is who we are. Throws `LaunchError`. */
  switchTo(name: string): { readonly uid: number; readonly gid: number } | undefined {
    const user = this.#known.get(name) ?? look(name);
    this.#known.set(name, user);
    const own = process.getuid?.();
    if (user.uid === own) return undefined;
    if (own !== 0) {
      throw new LaunchError(
        'USER_SWITCH_REFUSED',
        `Failed to switch to user '${name}': only root may; run the agent as root, or as that user`,
      );
    }
    return user;
  }
}

/** `id` asks whatever the host is set up to ask (files, LDAP ...), which Node.js cannot. */
function look(name: string): { readonly uid: number; readonly gid: number } {
  const [uid, gid] = [ask('-u', name), ask('-g', name)];
  if (uid === undefined || gid === undefined)
    throw new LaunchError('USER_UNKNOWN', `Failed to find user '${name}' on this host`);
  return { uid, gid };
}

function ask(what: '-u' | '-g', name: string): number | undefined {
  const { status, stdout } = spawnSync('/usr/bin/id', [what, '--', name], { encoding: 'utf8' });
  return status === 0 && /^\d+\n$/.test(stdout) ? Number(stdout) : undefined;
}
