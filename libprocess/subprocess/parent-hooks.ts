import { SubprocessError } from '../errors.ts';
import { type Future, FuturePromise } from '../future.ts';
import { Break, Continue, loop } from '../futures/loop.ts';
import type { ParentHook, SpawnOptions, Subprocess } from '../subprocess.ts';

interface HookOptions {
  readonly hooks: readonly ParentHook[];
  /** Lets the program run. */
  readonly open: () => void;
  readonly options: SpawnOptions;
}

/**
 * Runs the hooks of a child one after another, and then lets its program run. If one fails, or the
 * result is to be discarded, or the child has ended meanwhile, the child is killed, and the result is
 * there when it is gone.
 */
export function runHooks(
  child: Subprocess,
  { hooks, open, options }: HookOptions,
): Future<Subprocess> {
  const promise = new FuturePromise<Subprocess>();
  const [name] = options.argv;
  let next = 0;
  const run = loop(
    () => hooks[next++]?.(child.pid),
    () => (next >= hooks.length ? Break(undefined) : Continue()),
  );
  let because = (): boolean => promise.fail(endedEarly(name));
  child.exited.onSettled(() => because());
  const end = (reason: () => boolean): void => {
    because = reason;
    child.signal('SIGKILL');
  };
  promise.future.onDiscard(() => {
    run.discard();
    end(() => promise.discard());
  });
  run.onSettled(() => {
    if (promise.future.hasDiscard || !promise.future.isPending) return;
    if (run.isReady) {
      open();
      promise.set(child);
    } else {
      end(() => promise.fail(hookFailed(name, run.error)));
    }
  });
  return promise.future;
}

function hookFailed(program: string, cause: unknown): SubprocessError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `Failed to start '${program}': a hook failed: ${reason}`;
  return new SubprocessError('HOOK_FAILED', message, cause);
}

function endedEarly(program: string): SubprocessError {
  const message = `Failed to start '${program}': it was ended before its hooks were done`;
  return new SubprocessError('ESRCH', message);
}
