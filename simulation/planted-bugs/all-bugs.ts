import { ACTOR_BUGS } from './bugs-actors.ts';
import { JOURNAL_BUGS } from './bugs-journal.ts';
import { LINK_BUGS } from './bugs-links.ts';
import { OFFER_BUGS } from './bugs-offers.ts';
import { RECOVERY_BUGS } from './bugs-recovery.ts';
import { REGISTRATION_BUGS } from './bugs-registration.ts';
import { UPDATE_BUGS } from './bugs-updates.ts';
import type { PlantedBug } from './planted-bug.ts';

/** All planted bugs, by area. */
export const ALL_BUGS: readonly PlantedBug[] = [
  ...ACTOR_BUGS,
  ...RECOVERY_BUGS,
  ...JOURNAL_BUGS,
  ...LINK_BUGS,
  ...UPDATE_BUGS,
  ...OFFER_BUGS,
  ...REGISTRATION_BUGS,
];
