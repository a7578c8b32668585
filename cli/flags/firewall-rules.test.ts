import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Request } from '../../libprocess/index.ts';
import { FIREWALL_FLAGS } from './firewall-rules.ts';
import { parseFlags } from './parse-flags.ts';

const read = (value: string) =>
  parseFlags(FIREWALL_FLAGS, { argv: [`--firewall_rules=${value}`], env: {} }).values
    .firewall_rules ?? [];

const request = (path: string): Request => ({
  method: 'GET',
  path,
  query: {},
  headers: {},
  body: new Uint8Array(),
  remoteAddress: '10.0.0.9:1',
});

const closes = (value: string, path: string): boolean =>
  read(value).some((rule) => rule.apply(request(path), undefined)?.status === 403);

const RULES = '{"disabled_endpoints" : {"paths" : ["/files/browse", "/metrics/snapshot"]}}';

describe('--firewall_rules', () => {
  test.each([
    [RULES, '/files/browse', true],
    [RULES, '/metrics/snapshot', true],
    [RULES, '/files/read', false],
    ['{"disabled_endpoints":{"paths":[]}}', '/files/browse', false],
    ['{"disabled_endpoints":{}}', '/files/browse', false],
    ['{}', '/files/browse', false],
  ])('%s: whether %s is closed: %s', (value, path, closed) => {
    expect(closes(value, path)).toBe(closed);
  });

  test('comes from a file, by URL or by path, as in Mesos', () => {
    const directory = mkdtempSync(join(tmpdir(), 'mesos-flags-'));
    const path = join(directory, 'rules.json');
    writeFileSync(path, `${RULES}\n`);
    const closed = [`file://${path}`, path].map((value) => closes(value, '/files/browse'));
    rmSync(directory, { recursive: true });
    expect(closed).toEqual([true, true]);
  });

  test.each([
    ['', "Expecting a JSON object such as '{"],
    ['{"disabled_endpoints":', "Expecting a JSON object such as '{"],
    ['["/files/browse"]', "Expecting a JSON object such as '{"],
    ['{"disabled_endpoint":{}}', "There is no rule 'disabled_endpoint'"],
    ['{"__proto__":{"paths":[]}}', "There is no rule '__proto__'"],
    ['{"disabled_endpoints":{"path":[]}}', "There is no rule 'path'"],
    ['{"disabled_endpoints":["/a"]}', "The paths of 'disabled_endpoints' are no array of strings"],
    ['{"disabled_endpoints":null}', "The paths of 'disabled_endpoints' are no array of strings"],
    ['{"disabled_endpoints":{"paths":"/a"}}', "The paths of 'disabled_endpoints' are no array"],
    ['{"disabled_endpoints":{"paths":[1]}}', "The paths of 'disabled_endpoints' are no array"],
    ['/no/such/file', "Failed to read --firewall_rules from '/no/such/file'"],
  ])('%s is refused: %s', (value, message) => {
    expect(() => read(value)).toThrow(message);
  });
});
