import { createHealth } from './health.js';

const health = createHealth([
  { name: 'ping', check: () => undefined },
  { name: 'store', readyOnly: true, check: () => 'not reached' },
]);

it('says ok in two letters, and each check when asked', () => {
  expect(health.check('livez', '', false)).toEqual({ status: 200, text: 'ok' });
  expect(health.check('livez', '', true)).toEqual({ status: 200, text: '[+]ping ok\nlivez check passed\n' });
});

it('fails with the checks that failed', () => {
  expect(health.check('readyz', '', false)).toEqual({
    status: 500,
    text: '[+]ping ok\n[-]store failed: not reached\nreadyz check failed\n',
  });
});

it('answers for one check', () => {
  expect(health.check('healthz', 'ping', false)).toEqual({ status: 200, text: 'ok' });
  expect(health.check('readyz', 'store', false).status).toBe(500);
  expect(health.check('healthz', 'nope', false).status).toBe(404);
});
