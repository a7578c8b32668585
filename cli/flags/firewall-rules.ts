import { DisabledEndpointsFirewallRule, type FirewallRule } from '../../libprocess/index.ts';
import { refusal, success } from '../../common/result.ts';
import { flagTable } from './flag-table.ts';
import type { FlagType } from './flag-type.ts';
import { isObject, parseJsonObject } from './json-object.ts';

const EXAMPLE = '{"disabled_endpoints":{"paths":["/files/browse","/metrics/snapshot"]}}';

/** The message `Firewall` of Mesos's `flags.proto`, as JSON. */
const FIREWALL: FlagType<readonly FirewallRule[]> = {
  placeholder: 'RULES',
  takesPath: true,
  parse: (text) => {
    const rules = parseJsonObject(text, EXAMPLE);
    if (!rules.ok) return rules;
    const { disabled_endpoints: disabled = {} } = rules.value;
    // What is misspelt would leave open what its author thinks is closed.
    const unknown = unknownIn(rules.value, 'disabled_endpoints') ?? unknownIn(disabled, 'paths');
    if (unknown !== undefined) {
      return refusal(`There is no rule '${unknown}': expecting rules such as '${EXAMPLE}'`);
    }
    if (!isDisabledEndpoints(disabled)) {
      return refusal(
        `The paths of 'disabled_endpoints' are no array of strings, as in '${EXAMPLE}'`,
      );
    }
    return success([new DisabledEndpointsFirewallRule(disabled.paths ?? [])]);
  },
};

export const FIREWALL_FLAGS = flagTable({
  firewall_rules: {
    type: FIREWALL,
    help: `Endpoints that answer 403 to everybody, such as '${EXAMPLE}', or a file with such rules.`,
  },
});

const unknownIn = (value: unknown, known: string): string | undefined =>
  isObject(value) ? Object.keys(value).find((name) => name !== known) : undefined;

const isDisabledEndpoints = (value: unknown): value is { readonly paths?: readonly string[] } =>
  isObject(value) && isTexts(value['paths'] ?? []);

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
