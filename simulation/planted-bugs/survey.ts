import { readFileSync, writeFileSync } from 'node:fs';
import type { Hunted } from './hunt.ts';
import type { Hunter, PlantedBug } from './planted-bug.ts';

/** What a hunt says of one bug. */
export interface Finding extends Hunted {
  readonly bug: PlantedBug;
  readonly hunter: Hunter;
}

const BEGIN = '<!-- survey: begin -->';
const END = '<!-- survey: end -->';
const CASE = / \(([^() ]+)\)$/;

export interface Survey {
  readonly findings: readonly Finding[];
  /** Of each hunt, at most. */
  readonly seeds: number;
  /** All that are planted, in the order of the table. */
  readonly bugs: readonly PlantedBug[];
}

/** Puts the table of a survey into the page, in the place of the one before. */
export function writeSurvey(page: string, made: Survey): void {
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`There is no place for a survey in ${page}: ${BEGIN} and ${END}`);
  writeFileSync(page, `${before}${BEGIN}\n${survey(made)}\n${END}${after}`);
}

export function survey({ findings, seeds, bugs }: Survey): string {
  const found = findings.filter(({ violation }) => violation !== undefined).length;
  const unhunted = bugs.length - findings.length;
  return [
    '',
    `${String(found)} of ${String(findings.length)} planted bugs were found within ${String(seeds)} seeds, counted from 0, or by the crash matrix.`,
    ...(unhunted > 0 ? [`${String(unhunted)} more were not hunted.`] : []),
    '',
    '| Bug | Area | Rule | Found |',
    '|---|---|---|---|',
    ...bugs.map((bug) =>
      row(
        bug,
        findings.find((one) => one.bug.id === bug.id),
        seeds,
      ),
    ),
    '',
  ].join('\n');
}

function row(
  { id, area, breaks }: PlantedBug,
  finding: Finding | undefined,
  seeds: number,
): string {
  const [rule = ''] = breaks.split(':');
  return `| \`${id}\` | ${area} | ${rule} | ${finding ? place(finding, seeds) : 'not hunted'} |`;
}

function place({ hunter, runs, violation }: Finding, seeds: number): string {
  if (violation === undefined) return `not within ${String(seeds)}`;
  if (hunter !== 'crashes') return `seed ${String(runs)}`;
  return `\`${CASE.exec(violation)?.[1] ?? `case ${String(runs)}`}\``;
}
