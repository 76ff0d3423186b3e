import { readSettings } from './settings.js';

test('flags of the real servers become options, and win over the file', async () => {
  expect(
    await readSettings({
      controllers: '*, -ttl-controller',
      loadBalancerPool: '198.51.100.0/24',
      anonymousAuth: 'false',
      authenticationTokenWebhookCacheTtl: '1m30s',
      authenticationTokenWebhookVersion: 'v1',
      requestheaderUsernameHeaders: 'X-Remote-User,X-User',
      auditLogPath: '-',
      auditLogMaxsize: '0',
      auditWebhookBatchMaxWait: '2m',
      auditLogCompress: 'true',
      auditLogBatchThrottleQps: '2.5',
    }),
  ).toEqual({
    controllers: ['*', '-ttl-controller'],
    loadBalancerPool: ['198.51.100.0/24'],
    anonymousAuth: false,
    authenticationTokenWebhookCacheTtl: 90,
    authenticationTokenWebhookVersion: 'v1',
    requestheaderUsernameHeaders: ['X-Remote-User', 'X-User'],
    auditLogPath: '-',
    auditLogMaxsize: 0,
    auditWebhookBatchMaxWait: 120,
    auditLogCompress: true,
    auditLogBatchThrottleQps: 2.5,
    logLevel: 'warn',
  });
});

test.each([
  [{ anonymousAuth: 'no' }, '--anonymous-auth must be true or false, not "no"'],
  [
    { authenticationTokenWebhookCacheTtl: 'soon' },
    '--authentication-token-webhook-cache-ttl must be a duration, such as 90s or 2m, not "soon"',
  ],
  [{ auditLogMaxbackup: '-1' }, '--audit-log-maxbackup must be a whole number of 0 or more, not "-1"'],
  [{ auditLogBatchThrottleQps: '1e9' }, '--audit-log-batch-throttle-qps must be a number of 0 or more, not "1e9"'],
  [{ auditLogMode: 'later' }, '--audit-log-mode must be one of batch, blocking, blocking-strict, not "later"'],
  [{ authenticationTokenWebhookVersion: 'v2' }, '--authentication-token-webhook-version must be one of v1, v1beta1, not "v2"'],
])('%j: %s', async (flags, message) => {
  await expect(readSettings(flags)).rejects.toThrow(message);
});
