import { HELP_FLAGS } from './daemon-flags.ts';
import { MASTER_ADDRESS_FLAG } from './execute-flags.ts';
import { flagTable } from './flag-table.ts';
import { SWITCH } from './flag-type.ts';

export const JSON_FLAG = flagTable({
  json: {
    type: SWITCH,
    default: 'false',
    environment: false,
    help: 'Prints one JSON document instead of a table.',
  },
});

export const LIST_FLAGS = flagTable({ ...MASTER_ADDRESS_FLAG, ...JSON_FLAG, ...HELP_FLAGS });

export const LIST_ALL_FLAGS = flagTable({
  ...MASTER_ADDRESS_FLAG,
  all: {
    type: SWITCH,
    default: 'false',
    environment: false,
    help: 'Shows also those that have ended.',
  },
  ...JSON_FLAG,
  ...HELP_FLAGS,
});
