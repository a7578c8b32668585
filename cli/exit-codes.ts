/** Exit codes of `mesos`; `docs/commands.md` explains them. Stable. */
export const EX_OK = 0;
/** It did not work; for `mesos execute`: a task did not finish. */
export const EX_FAILED = 1;
/** No such task, framework or agent. */
export const EX_NOT_FOUND = 3;
/** No master answers. */
export const EX_UNREACHABLE = 4;
/** A wrong command, flag or value. */
export const EX_USAGE = 64;
/** A port or a directory is in use by another process. */
export const EX_IN_USE = 73;
/** The system refuses: permissions. */
export const EX_NO_PERMISSION = 77;

export type ExitCode = 0 | 1 | 3 | 4 | 64 | 73 | 77;
