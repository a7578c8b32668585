/**
 * What leads the session of every run, in any POSIX shell (`exec` with arguments, no program but
 * the command is ever started). Arguments: run directory, boot id, then the command, which arrives
 * as separate words and is never read as shell text.
 *
 * 1. `trap :` keeps it alive through signals to its group; children get the defaults back.
 * 2. `pid` first, complete before the claim, so that whoever sees the claim knows whose it is.
 * 3. Room for the status is written now: on a full disk the launch fails, and not the record.
 * 4. `set -C` makes files only if they do not exist: of two wrappers of one run, one begins.
 * 5. The shell prints the name of a signal that killed the command, but not for `exit 137`: that is
 *    what `notes` is for. For SIGINT and SIGPIPE it prints nothing, so 130 and 141 mean these.
 * 6. The record, then the line into the agent's FIFO (descriptor 3), which never blocks: if it is
 *    full or nobody reads, the record is found by itself, and the exit code says so.
 */
export const WRAPPER_SCRIPT = `trap : TERM INT HUP QUIT PIPE ALRM USR1 USR2
started() { shift 19; start=$1; }
dir=$1 boot=$2; shift 2
exec 4>&2 2>"$dir/notes"
IFS= read -r stat </proc/$$/stat || exit 70
started \${stat##*) }
set -C
echo "$$ $start $boot" >"$dir/pid" && printf '%16s' '' >"$dir/status" || exit 71
true >"$dir/claim" || exit 72
set +C
echo "S \${dir##*/} $$ $start" >&3
(exec 2>&4 3>&- 4>&-; exec "$@")
code=$?
record="exit $code"
if [ "$code" -gt 128 ]; then
  if [ -s "$dir/notes" ] || [ "$code" -eq 130 ] || [ "$code" -eq 141 ]; then
    record="signal $((code - 128))"
  fi
fi
echo "$record" 1<>"$dir/status"
recorded=$?
echo "E \${dir##*/} $record" >&3 && exit $recorded`;

export interface Command {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** To switch to, if it is not ours already. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/**
 * The command as the wrapper execs it. `env` sets the environment only once the user has been
 * switched: a framework's LD_PRELOAD must never reach a program that still runs as root.
 */
export function commandArguments({ argv, environment, user }: Command): readonly string[] {
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const switching = user
    ? ['/usr/bin/setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups', '--']
    : [];
  return [...switching, '/usr/bin/env', '-i', '--', ...assignments, ...asProgram(argv)];
}

/** `env` would take a program with `=` in its name for one more assignment. */
function asProgram(argv: readonly string[]): readonly string[] {
  if (argv[0]?.includes('=') !== true) return argv;
  return ['/bin/sh', '-c', 'exec "$0" "$@"', ...argv];
}

/** Arguments of `/bin/sh` for one run. */
export function wrapperArguments(
  run: { readonly directory: string; readonly bootId: string },
  command: readonly string[],
): readonly string[] {
  return ['-c', WRAPPER_SCRIPT, 'mesos-run', run.directory, run.bootId, ...command];
}
