import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { AllocatorSession } from './allocator-session.ts';

const FOLDER = new URL('allocator/', import.meta.url);

/**
 * A transcript is what a reader would see: commands, and below each what it answered, indented. The
 * first line is its title, with the ids of the scenarios it covers; lines that begin with # are said
 * to the reader.
 */
function replay(transcript: string): string {
  const session = new AllocatorSession();
  const lines: string[] = [];
  for (const line of transcript.split('\n')) {
    if (line.startsWith('  ')) continue; // An answer of before; this run gives its own.
    lines.push(line);
    if (line === '' || line.startsWith('#')) continue;
    lines.push(...session.execute(line).map((answer) => `  ${answer}`));
  }
  return lines.join('\n');
}

describe('the allocator', () => {
  for (const file of readdirSync(FOLDER).sort()) {
    const transcript = readFileSync(new URL(file, FOLDER), 'utf8');
    const [title = ''] = transcript.split('\n');
    test(`${title.replace(/^# /, '')} (${file})`, () => {
      expect(replay(transcript)).toBe(transcript);
    });
  }
});
