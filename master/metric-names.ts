/** Names that are shown from the start, with the value 0 (`docs/monitoring.md` of Mesos). */

const MESSAGES = [
  'authenticate',
  'deactivate_framework',
  'decline_offers',
  'executor_to_framework',
  'exited_executor',
  'framework_to_executor',
  'kill_task',
  'launch_tasks',
  'operation_status_update',
  'operation_status_update_acknowledgement',
  'reconcile_operations',
  'reconcile_tasks',
  'register_framework',
  'register_slave',
  'reregister_framework',
  'reregister_slave',
  'resource_request',
  'revive_offers',
  'status_update',
  'status_update_acknowledgement',
  'suppress_offers',
  'unregister_framework',
  'unregister_slave',
  'update_slave',
];

const VALIDATED = [
  'executor_to_framework_messages',
  'framework_to_executor_messages',
  'status_update_acknowledgements',
  'status_updates',
];

const TERMINAL = ['dropped', 'error', 'failed', 'finished', 'gone', 'gone_by_operator'];
const TERMINAL_STATES = [...TERMINAL, 'killed', 'lost'];

export const COUNTER_NAMES: readonly string[] = [
  'dropped_messages',
  'recovery_slave_removals',
  'slave_registrations',
  'slave_removals',
  'slave_removals/reason_registered',
  'slave_removals/reason_unhealthy',
  'slave_removals/reason_unregistered',
  'slave_reregistrations',
  'slave_shutdowns_canceled',
  'slave_shutdowns_completed',
  'slave_shutdowns_scheduled',
  'slave_unreachable_canceled',
  'slave_unreachable_completed',
  'slave_unreachable_scheduled',
  ...MESSAGES.map((name) => `messages_${name}`),
  ...VALIDATED.flatMap((name) => [`valid_${name}`, `invalid_${name}`]),
  ...TERMINAL_STATES.map((state) => `tasks_${state}`),
].map((name) => `master/${name}`);

const CALLS = [
  'accept',
  'acknowledge',
  'decline',
  'kill',
  'message',
  'reconcile',
  'request',
  'revive',
  'shutdown',
  'subscribe',
  'suppress',
  'teardown',
  'update_framework',
];

/** Below the name of each framework. */
export const FRAMEWORK_COUNTER_NAMES: readonly string[] = [
  'calls',
  ...CALLS.map((call) => `calls/${call}`),
  'events',
  ...['error', 'failure', 'message', 'offers', 'rescind', 'update'].map((name) => `events/${name}`),
  ...['accepted', 'declined', 'rescinded', 'sent'].map((name) => `offers/${name}`),
  'operations',
  'operations/launch',
  'operations/launch_group',
  ...TERMINAL_STATES.map((state) => `tasks/terminal/task_${state}`),
];
