/** Names come from the node: none of them may move the cursor. */
export const printable = (text: string): string => text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?');
