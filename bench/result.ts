/** One figure of a benchmark, printed as a line. `peer` names whose it is when not ours. */
export interface Result {
  readonly name: string;
  readonly params: Readonly<Record<string, string | number>>;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: string;
}

/** What the command line may ask of a benchmark; each looks at what it knows. */
export interface BenchOptions {
  /** How long, if it may take any time. */
  readonly minutes?: number;
}
