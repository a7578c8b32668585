/** Longest id: ids become names of directories, and most file systems stop at 255 bytes. */
export const ID_LENGTH_MAX = 255;

/** How much of a text that is too long is shown. */
const SHOWN_LENGTH = 64;

const CONTROL_OR_SEPARATOR = /[\u0000-\u001f\u007f/\\]/;

/** What is wrong with `id` as a task, executor, framework or agent id; undefined if nothing. */
export function idProblem(id: string): string | undefined {
  if (id === '') return 'ID must not be empty';
  // Fewer characters than bytes: the first look spares the count for what is far too long.
  if (id.length > ID_LENGTH_MAX || Buffer.byteLength(id) > ID_LENGTH_MAX)
    return `ID must not be greater than ${ID_LENGTH_MAX} characters`;
  if (id === '.' || id === '..') return `'${id}' is disallowed`;
  if (CONTROL_OR_SEPARATOR.test(id)) return `'${id}' contains invalid characters`;
  return undefined;
}

/** Longest role: its components are levels of a tree, which is walked at each allocation. */
export const ROLE_LENGTH_MAX = 1_024;

const ROLE_BLANKS = /[\t\n\v\f\r \b\x7f]/;

/**
 * What is wrong with `role`; undefined if nothing. A role is `*` or components joined by `/`, none
 * of them empty, `.`, `..` or `*`, nor beginning with a dash (docs/roles.md).
 */
export function roleProblem(role: string): string | undefined {
  if (role === '*') return undefined;
  if (role === '') return 'Empty role name is invalid';
  if (role.length > ROLE_LENGTH_MAX) {
    return `Role '${role.slice(0, SHOWN_LENGTH)}...' is longer than ${ROLE_LENGTH_MAX} characters`;
  }
  if (role.startsWith('/')) return `Role '${role}' cannot start with a slash`;
  if (role.endsWith('/')) return `Role '${role}' cannot end with a slash`;
  if (ROLE_BLANKS.test(role)) {
    return `Role '${role}' cannot contain white space or control characters`;
  }
  for (const component of role.split('/')) {
    const problem = roleComponentProblem(component);
    if (problem) return `Role '${role}' is invalid: ${problem}`;
  }
  return undefined;
}

function roleComponentProblem(component: string): string | undefined {
  if (component === '') return 'two adjacent slashes';
  if (component === '.' || component === '..') return `'${component}' as a component`;
  if (component === '*') return "'*' inside a longer name";
  if (component.startsWith('-')) return `a component that starts with a dash, '${component}'`;
  return undefined;
}
