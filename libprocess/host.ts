/** Facts about the machine and the operating-system process that this node runs in. */
export interface Host {
  readonly hostname: string;
  /** Changes with each boot of the machine; pids of another boot mean nothing. */
  readonly bootId: string;
  /** Pid of the operating-system process that holds this node. */
  readonly pid: number;
  readonly cpus: number;
  readonly memoryBytesTotal: number;
  /** Name of the user this process runs as. */
  readonly user: string;
  environment(): Readonly<Record<string, string>>;
  /** Load averages of 1, 5 and 15 minutes. */
  loadAverage(): readonly [number, number, number];
  memoryBytesFree(): number;
  /** Resident memory of this operating-system process. */
  residentBytes(): number;
}
