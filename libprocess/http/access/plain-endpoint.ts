/** The path of an endpoint as rules and callbacks know it: with a slash before each component, and none to spare. */
export const plainEndpoint = (path: string): string =>
  `/${path.split('/').filter(Boolean).join('/')}`;
