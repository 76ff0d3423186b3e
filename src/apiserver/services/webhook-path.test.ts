import { webhookPath } from './webhook-path.js';

// As a real kube-apiserver v1.36.3 asked.
test.each([
  ['', '/'],
  ['/', '/'],
  ['mutate', '/mutate'],
  ['/mutate/', '/mutate'],
  ['//mutate', '/mutate'],
  ['//a//b/', '/a/b'],
  ['/a/../b', '/b'],
  ['/a%20b/c', '/a%20b/c'],
])('%j is asked as %j', (path, asked) => {
  expect(webhookPath(path)).toBe(asked);
});
