import { describe, expect, test } from '@jest/globals';
import { readEnvironment } from './environment.ts';

const GIVEN = {
  MESOS_SLAVE_PID: 'slave(1)@10.0.0.2:5051',
  MESOS_SLAVE_ID: 'agent',
  MESOS_FRAMEWORK_ID: 'framework',
  MESOS_EXECUTOR_ID: 'executor',
  MESOS_CHECKPOINT: '1',
  MESOS_RECOVERY_TIMEOUT: '10mins',
  MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: '5secs',
};

describe('the environment of an executor', () => {
  test('says whose it is and how long it waits', () => {
    expect(readEnvironment(GIVEN)).toMatchObject({
      agentId: 'agent',
      frameworkId: 'framework',
      executorId: 'executor',
      checkpoint: true,
      recoveryTimeoutMs: 600_000,
      shutdownGracePeriodMs: 5_000,
    });
    expect(readEnvironment(GIVEN).agent.toString()).toBe(GIVEN.MESOS_SLAVE_PID);
  });

  test.each(['MESOS_SLAVE_PID', 'MESOS_SLAVE_ID', 'MESOS_FRAMEWORK_ID', 'MESOS_EXECUTOR_ID'])(
    'without %s is refused by its name',
    (name) => {
      expect(() => readEnvironment({ ...GIVEN, [name]: undefined })).toThrow(name);
      expect(() => readEnvironment({ ...GIVEN, [name]: '' })).toThrow(name);
    },
  );

  test.each([
    ['MESOS_SLAVE_PID', 'somewhere'],
    ['MESOS_RECOVERY_TIMEOUT', 'long'],
    ['MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD', '5'],
  ])('with a %s of %j is refused by its name', (name, value) => {
    expect(() => readEnvironment({ ...GIVEN, [name]: value })).toThrow(name);
  });

  test('without checkpointing says nothing of recovery', () => {
    const { MESOS_RECOVERY_TIMEOUT: _, ...rest } = GIVEN;
    expect(readEnvironment({ ...rest, MESOS_CHECKPOINT: '0' }).checkpoint).toBe(false);
  });
});
