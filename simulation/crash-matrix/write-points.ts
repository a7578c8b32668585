import { AGENT_WRITE_POINTS } from '../../agent/write-points.ts';
import { MASTER_WRITE_POINTS } from '../../master/registrar/write-points.ts';

/** All write points of the product: each must be reached by a story, and nothing else may write. */
export const WRITE_POINTS: readonly string[] = [
  ...AGENT_WRITE_POINTS.durable,
  ...AGENT_WRITE_POINTS.volatile,
  ...MASTER_WRITE_POINTS.durable,
];

const registered: ReadonlySet<string> = new Set(WRITE_POINTS);

export const isRegistered = (point: string): boolean => registered.has(point);
