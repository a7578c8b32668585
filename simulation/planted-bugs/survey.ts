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

/** Puts the table of a survey into the page, in the place of the one before. */
export function writeSurvey(page: string, findings: readonly Finding[], seeds: number): void {
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`There is no place for a survey in ${page}: ${BEGIN} and ${END}`);
  writeFileSync(page, `${before}${BEGIN}\n${survey(findings, seeds)}\n${END}${after}`);
}

export function survey(findings: readonly Finding[], seeds: number): string {
  const found = findings.filter(({ violation }) => violation !== undefined).length;
  return [
    '',
    `${String(found)} of ${String(findings.length)} planted bugs were found within ${String(seeds)} seeds, counted from 0, or by the crash matrix.`,
    '',
    '| Bug | Area | Rule | Found |',
    '|---|---|---|---|',
    ...findings.map((finding) => row(finding, seeds)),
    '',
  ].join('\n');
}

function row({ bug, hunter, runs, violation }: Finding, seeds: number): string {
  const [rule = ''] = bug.breaks.split(':');
  const place = CASE.exec(violation ?? '')?.[1];
  const isCase = hunter === 'crashes';
  const how = isCase ? `\`${place ?? `case ${String(runs)}`}\`` : `seed ${String(runs)}`;
  const found = violation === undefined ? `not within ${String(seeds)}` : how;
  return `| \`${bug.id}\` | ${bug.area} | ${rule} | ${found} |`;
}
