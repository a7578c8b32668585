/**
 * The part of the Standard Schema interface, version 1, that typed calls need. Schemas of zod,
 * valibot, arktype and others have it, and so have those of `shape`.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    /** The library that made it. */
    readonly vendor: string;
    readonly validate: (
      value: unknown,
    ) => SchemaVerdict<Output> | PromiseLike<SchemaVerdict<Output>>;
    /** Only for the compiler. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** The value as the schema makes it, or why it is not valid. */
export type SchemaVerdict<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** Why a value is not valid. */
export interface SchemaIssue {
  readonly message: string;
  /** Where in the value, from outside. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The first issue in words: `at 'list.0': Expected a number`. */
export function describeIssues(issues: readonly SchemaIssue[]): string {
  const [first] = issues;
  if (!first) return 'it is not valid';
  const path = first.path?.map((part) => String(typeof part === 'object' ? part.key : part));
  return path?.length ? `at '${path.join('.')}': ${first.message}` : first.message;
}
