/** What ties a clone to the machine it was written on. */
const FORBIDDEN: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/\/work\/(wt|main|shared)\b/, 'a path of one machine'],
  [/\/(home|Users)\/\w+\//, 'a path of one machine'],
  [/https?:\/\/[\w.-]*(registry|npmjs|artifactory|nexus)[\w.-]*/i, 'the host of a registry'],
  [/"resolved":\s+"http/, 'the host of a registry'],
];

/** The offences of one text file of any kind. */
export function forbiddenText(path: string, text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      FORBIDDEN.filter(([pattern]) => pattern.test(line)).map(
        ([, reason]) => `${path}:${index + 1}: ${reason}`,
      ),
    );
}
