import type { Millis } from './clock.ts';
import type { LinkMode } from './transport.ts';

/**
 * One line of a trace, as JSON: what happened on the node at address `node`, in its order. `at` is the
 * monotonic clock of the host, which all its processes share; traces of one boot of one host can
 * therefore be merged. Processes are UPIDs.
 */
export type TraceLine = { readonly at: Millis; readonly node: string } & (
  | {
      /** A life of the node begins; what was at its address before is over. */
      readonly kind: 'begun';
      readonly pid: number;
      /** Boot id of the host. */
      readonly boot: string;
    }
  | { readonly kind: 'spawned' | 'ended'; readonly process: string }
  | {
      readonly kind: 'sent' | 'delivered' | 'undelivered';
      readonly from: string;
      readonly to: string;
      readonly name: string;
      /** Base64. */
      readonly body: string;
    }
  | {
      readonly kind: 'linked';
      readonly linker: string;
      readonly to: string;
      readonly mode: LinkMode;
    }
  | { readonly kind: 'exited'; readonly linker: string; readonly of: string }
  | { readonly kind: 'lost'; readonly address: string }
);

export type TraceKind = TraceLine['kind'];
