/** The Mesos release whose behaviour is followed; masters refuse agents older than 1.0.0. */
export const VERSION = '1.12.0';
