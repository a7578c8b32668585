import type { ProcessInfo } from '../../subprocess.ts';

/**
 * Reads a line of /proc/PID/stat. The name of the program stands in parentheses and may itself
 * hold spaces and parentheses, so fields are counted from the last `)`.
 */
export function parseProcStat(line: string): ProcessInfo | undefined {
  const nameEnd = line.lastIndexOf(')');
  const pid = Number.parseInt(line, 10);
  const fields = line.slice(nameEnd + 2).split(' ');
  const [state, parent, group, session] = fields;
  const startTime = Number(fields[START_TIME]);
  if (nameEnd < 0 || !state || !session || !Number.isInteger(startTime)) return undefined;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTime,
    state,
  };
}

/** Field 22 of the line, counted from the state, which is field 3. */
const START_TIME = 19;
