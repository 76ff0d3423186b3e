import { createHealth, serverChecks } from './health.js';

const health = createHealth([
  { name: 'ping', check: () => undefined },
  { name: 'store', endpoints: ['readyz'], check: () => 'not reached' },
]);
const plain = { verbose: false, exclude: [] };

it('says ok in two letters, and each check when asked', () => {
  expect(health.all('livez', plain)).toEqual({ status: 200, text: 'ok' });
  expect(health.all('livez', { verbose: true, exclude: [] })).toEqual({ status: 200, text: '[+]ping ok\nlivez check passed\n' });
});

it('fails with the checks that failed, and keeps the reason for who asks for the check', () => {
  expect(health.all('readyz', plain)).toEqual({
    status: 500,
    text: '[+]ping ok\n[-]store failed: reason withheld\nreadyz check failed\n',
  });
  expect(health.one('readyz', 'store')).toEqual({ status: 500, text: 'internal server error: not reached\n' });
});

it('leaves out what is excluded, and warns of names that are no checks', () => {
  expect(health.all('readyz', { verbose: false, exclude: ['store'] })).toEqual({ status: 200, text: 'ok' });
  expect(health.all('readyz', { verbose: true, exclude: ['store', 'z', 'a', 'a'] }).text).toBe(
    '[+]ping ok\n[+]store excluded: ok\nwarn: some health checks cannot be excluded: no matches for "a","z"\nreadyz check passed\n',
  );
});

it('has no answer for a check that the endpoint does not have', () => {
  expect(health.one('healthz', 'ping')).toEqual({ status: 200, text: 'ok' });
  expect(health.one('healthz', 'store')).toBeUndefined();
});

it('is not ready before the start is over and while the server stops, but alive', () => {
  const state = { started: false, stopping: false };
  const server = createHealth(serverChecks(state));
  expect(server.all('readyz', plain).status).toBe(500);
  expect(server.one('readyz', 'informer-sync')?.status).toBe(500);
  state.started = true;
  expect(server.all('readyz', plain).status).toBe(200);
  state.stopping = true;
  expect(server.one('readyz', 'shutdown')?.status).toBe(500);
  expect(server.all('livez', plain).status).toBe(200);
});
