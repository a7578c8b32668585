/** What changes a registry; each is an operation of the registrar. */
const OPERATIONS = [
  'recover',
  'admit',
  'update',
  'mark unreachable',
  'mark reachable',
  'remove',
  'mark gone',
  'prune',
] as const;

/** Where a master writes what an operation did, by the operation's name. */
export function registryPoint(operation: string): string {
  return `registry-${operation.replaceAll(' ', '-')}`;
}

/** Every place where a master changes its disk, by name, as those of agents. */
export const MASTER_WRITE_POINTS = {
  durable: ['registry-directory', 'registry-rewrite', ...OPERATIONS.map(registryPoint)],
} as const;
