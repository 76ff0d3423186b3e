import { nearest } from './nearest.js';

const names = ['nodes', 'port', 'bind', 'authorizationMode', 'auditLogPath'];

test.each([
  ['node', 'nodes'],
  ['nods', 'nodes'],
  ['Ports', 'port'],
  ['autorizationmode', 'authorizationMode'],
  ['auditLog', undefined],
  ['x', undefined],
  ['', undefined],
  ['n'.repeat(1_000_000), undefined],
])('%.20s: %s', (given, meant) => {
  expect(nearest(given, names)).toBe(meant);
});
