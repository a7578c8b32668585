import type { LocalCluster } from './local-cluster.ts';

/** What a person reads when the cluster is up. */
export function showCluster(cluster: LocalCluster, temporary: boolean): string {
  const width = Math.max(...cluster.daemons.map(({ name }) => name.length));
  const daemons = cluster.daemons.map(({ name, address }) => `  ${name.padEnd(width)}  ${address}`);
  return [
    `The cluster is up: ${cluster.scheme}://${cluster.master}/state`,
    ...daemons,
    `Logs and sandboxes are below ${cluster.directory}${temporary ? ', which goes at the end' : ''}`,
    '',
  ].join('\n');
}
