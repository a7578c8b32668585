/** Who in a trace does or suffers what makes a story. */
const TOLD = /^\d+\.\d+ (nemesis|network|registry) |ended SIG|power o(n|ff)|started node /;
const LAST_LINES = 15;
const DEEDS_MAX = 60;

/** A trace as people read it: what was done to the cluster, in its order, and how it went just before the end. */
export function tell(lines: readonly string[]): readonly string[] {
  const deeds = lines.filter((line) => TOLD.test(line));
  const left = deeds.length - DEEDS_MAX;
  return [
    'What was done to it, by milliseconds:',
    ...(left > 0 ? [`  (${String(left)} earlier ones are in the trace)`] : []),
    ...deeds.slice(-DEEDS_MAX).map(indented),
    'Its last moments:',
    ...lines.slice(-LAST_LINES).map(indented),
  ];
}

const indented = (line: string): string => `  ${line}`;
