import type { Disk } from '../../libprocess/index.ts';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** The user of that name in `/etc/passwd`; undefined if there is none. */
export async function findUser(disk: Disk, name: string): Promise<User | undefined> {
  const text = new TextDecoder().decode(await disk.readFile('/etc/passwd'));
  for (const line of text.split('\n')) {
    const [user, , uid, gid] = line.split(':');
    if (user === name && uid) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}
