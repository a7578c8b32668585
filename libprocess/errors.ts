/** The world failed: disk, network, peer. `code` is stable; the message is for people. */
export class RuntimeError extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
  }
}

/** A file operation failed; `code` is the system's (`ENOENT`, `ENOSPC`, `EIO` ...). */
export class DiskError extends RuntimeError {}

/** Another process holds the directory. */
export class DirectoryLockedError extends RuntimeError {}

/** A connection, listen or request failed; `code` is the system's (`EADDRINUSE`, `ECONNREFUSED` ...). */
export class NetworkError extends RuntimeError {}

/** An option of a node cannot be used; the message names the variable that it was read from. */
export class OptionError extends RuntimeError {}

/** A key or a certificate cannot be used; `code` is that of the system or of OpenSSL. */
export class CertificateError extends RuntimeError {}

/** A subprocess could not be started or signalled. */
export class SubprocessError extends RuntimeError {}

/** A call was refused: the mailbox of its process has a limit and is full. Nothing of it has run. */
export class MailboxFullError extends RuntimeError {
  constructor(upid: string) {
    super('MAILBOX_FULL', `Failed to call '${upid}': its mailbox is full`);
  }
}

/** A call by name, of a program without types, has found no method that may be called. */
export class NoSuchMethodError extends RuntimeError {
  constructor(id: string, method: string) {
    super('NO_SUCH_METHOD', `'${id}' has no method '${method}'`);
  }
}

/** A process was spawned under an id that another one of its node has. */
export class ProcessExistsError extends RuntimeError {
  constructor(id: string) {
    super('PROCESS_EXISTS', `Failed to spawn '${id}': a process of that id runs already`);
  }
}
