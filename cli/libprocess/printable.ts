/** Names come from the node: none of them may move the cursor. */
export const printable = (text: string): string => text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?');

/** JSON on one line. `JSON.stringify` leaves the control characters from U+007F on, which terminals obey, too. */
export const safeJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\x7f-\x9f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
