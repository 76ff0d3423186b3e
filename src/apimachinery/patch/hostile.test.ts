// Whatever a client sends as a patch: a result or an ApiError, and nothing that it came from is changed.
import fc from 'fast-check';
import { ApiError } from '../errors/api-error.js';
import { applyPatch } from '../managedfields/apply.js';
import { nodeOf } from '../managedfields/golden/golden.js';
import { updateManagedFields, withManagedFields } from '../managedfields/update.js';
import { applyJsonPatch, jsonPatchProblems } from './json-patch.js';
import { applyMergePatch } from './merge-patch.js';
import { applyStrategicMergePatch } from './strategic-merge-patch.js';

const node = nodeOf('io.k8s.api.apps.v1.Deployment');
const writer = { manager: 'm', apiVersion: 'apps/v1', subresource: '', time: '2026-01-01T00:00:00Z' };
const plain = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', labels: { a: 'b' }, finalizers: ['x/a', 'x/b'] },
  spec: {
    replicas: 1,
    strategy: { type: 'Recreate' },
    template: { spec: { containers: [{ name: 'c', image: 'i', env: [{ name: 'A', value: '1' }] }], tolerations: [{ key: 'a' }] } },
  },
};
const live = frozen(withManagedFields(plain, updateManagedFields({ ...writer, node, old: undefined, new: plain })));

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

const fields = [
  ...['metadata', 'spec', 'labels', 'finalizers', 'template', 'containers', 'env', 'name', 'value', 'strategy', 'tolerations', 'data', 'a'],
  ...['$patch', '$retainKeys', '$setElementOrder/containers', '$deleteFromPrimitiveList/finalizers', '$setElementOrder/env', '$x'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '0', '-1'],
];
const scalar = fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e300, '', 'c', 'A', 'delete', 'replace', 'merge', 'x/a', '__proto__');
const { value: json } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 7, depthSize: 'medium' },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.constantFrom(...fields), tie('value')), { maxLength: 4 })
      // Parsed, so that __proto__ is a name like any other.
      .map(
        (entries) =>
          JSON.parse(`{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`) as unknown,
      ),
  ),
}));
const pointer = fc.array(fc.constantFrom(...fields), { maxLength: 5 }).map((names) => names.map((name) => `/${name}`).join(''));
const operation = fc.record({
  op: fc.constantFrom<unknown>('add', 'remove', 'replace', 'move', 'copy', 'test', 'x', null, 1),
  path: fc.oneof(pointer, json),
  from: fc.oneof(pointer, json),
  value: json,
});

function answersOrRefuses(run: () => unknown): void {
  const before = JSON.stringify(live);
  try {
    run();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
  expect(JSON.stringify(live)).toBe(before);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)['a']).toBeUndefined();
}

it.each([
  [
    'JSON Patch',
    fc.oneof(json, fc.array(operation, { maxLength: 4 })),
    (patch: unknown) => [applyJsonPatch(live, patch), jsonPatchProblems(patch)],
  ],
  ['merge patch', json, (patch: unknown) => applyMergePatch(live, patch)],
  ['strategic merge patch', json, (patch: unknown) => applyStrategicMergePatch(node, live, patch)],
  ['apply', json, (config: unknown) => applyPatch({ ...writer, manager: 'o', node, live, config, force: true })],
  ['update', json, (value: unknown) => updateManagedFields({ ...writer, manager: 'o', node, old: live, new: value })],
] as const)('%s', (_name, given, run) => {
  fc.assert(
    fc.property(given, (value) => answersOrRefuses(() => run(value))),
    { numRuns: 300 },
  );
});
