import { RuntimeError } from '../../../libprocess/errors.ts';

/**
 * A run was refused: its command has not run and never will. `code` is the system's where there is
 * one (`ENOSPC`, `EACCES`, `EAGAIN` ...), else `USER_UNKNOWN`, `USER_SWITCH_REFUSED`, `ID_IN_USE`,
 * `INVALID` (a NUL or a bad environment name), `REVOKED` (its claim was taken away) or `CLOSED`.
 */
export class LaunchError extends RuntimeError {}
