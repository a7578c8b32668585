import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Starts the echoing node as a process of its own. */
export async function remoteNode(): Promise<{ address: string } & Disposable> {
  const file = new URL(`./remote-peer${extname(import.meta.url)}`, import.meta.url);
  const child = fork(fileURLToPath(file), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [{ address }] = (await once(child, 'message')) as [{ address: string }];
  return {
    address,
    [Symbol.dispose]: () => {
      child.kill();
    },
  };
}
