/** An operation of the simulated file system was refused; `code` is the system's. */
export class FileSystemError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(REASONS[code] ?? code);
    this.name = 'FileSystemError';
    this.code = code;
  }
}

/** The system's own words, so that messages read alike in simulation and reality. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBADF: 'bad file descriptor',
  EBUSY: 'resource busy or locked',
  EEXIST: 'file already exists',
  EINVAL: 'invalid argument',
  EIO: 'i/o error',
  EISDIR: 'illegal operation on a directory',
  ELOOP: 'too many symbolic links encountered',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'directory not empty',
  EROFS: 'read-only file system',
};
