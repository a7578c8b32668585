/** The role of those that name none; resources "reserved" to it are unreserved. */
export const DEFAULT_ROLE = '*';

/** Whether `role` lies under `ancestor` in the tree that slashes make. */
export const isDescendant = (role: string, ancestor: string): boolean =>
  role.length > ancestor.length && role.startsWith(ancestor) && role[ancestor.length] === '/';

/** Whether what is reserved to `reserved` may be allocated to `role`: its own, or an ancestor's. */
export const isReservedFor = (reserved: string, role: string): boolean =>
  reserved === role || isDescendant(role, reserved);

export const isHierarchical = (role: string): boolean => role.includes('/');
