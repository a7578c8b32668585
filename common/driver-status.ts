/**
 * ```
 *   DRIVER_NOT_STARTED ──start──► DRIVER_RUNNING ──stop──► DRIVER_STOPPED
 *                                       └─abort, error──► DRIVER_ABORTED ──stop──► DRIVER_STOPPED
 * ```
 */
export type DriverStatus =
  'DRIVER_NOT_STARTED' | 'DRIVER_RUNNING' | 'DRIVER_ABORTED' | 'DRIVER_STOPPED';
