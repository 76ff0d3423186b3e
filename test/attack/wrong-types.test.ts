// A pod with a value of a wrong type anywhere in it: taken or refused as the real server would, never an error of ours.
import fc from 'fast-check';
import { expectNoTrace, Victim } from './attacker.js';

const victim = new Victim();
let before = '';
beforeAll(async () => {
  await victim.start();
  before = await victim.revision();
});
afterAll(() => victim.stop());
afterEach(async () => {
  expect(await victim.revision()).toBe(before);
  expect(victim.bugs).toEqual([]);
});

test('values of wrong types at every level of a pod', async () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'x',
      labels: { a: 'b' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u' }],
      finalizers: ['a/b'],
    },
    spec: {
      containers: [
        {
          name: 'a',
          image: 'b',
          env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
          ports: [{ containerPort: 80 }],
          resources: { limits: { cpu: '1' } },
          livenessProbe: { httpGet: { path: '/', port: 80 } },
        },
      ],
      volumes: [{ name: 'v', configMap: { name: 'c', items: [{ key: 'a', path: 'b' }] } }],
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'x', labelSelector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] } },
          ],
        },
      },
      tolerations: [{ key: 'a', operator: 'Exists', tolerationSeconds: 5 }],
      securityContext: { sysctls: [{ name: 'a', value: 'b' }] },
    },
  };
  const paths = pathsOf(pod, []).filter((path) => path.length > 0);
  const wrong = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1,
      1.5,
      1e300,
      '',
      '\0',
      'x',
      '__proto__',
      [],
      {},
      [null],
      [[]],
      [{}],
      { a: null },
      { __proto: [] },
    ),
    fc.jsonValue({ maxDepth: 3 }),
  );
  let codes = '';
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), wrong, fc.constantFrom('Strict', 'Warn', 'Ignore'), async (path, value, validation) => {
      const body = JSON.stringify(replaced(pod, path, value));
      const { status, text } = await victim.ask('POST', `/api/v1/namespaces/attack/pods?dryRun=All&fieldValidation=${validation}`, {
        body,
      });
      codes += ` ${status}`;
      expectNoTrace(`${path.join('.')} ${JSON.stringify(value)}`, text);
      expect([path.join('.'), value, status, [201, 400, 403, 422].includes(status)]).toEqual([path.join('.'), value, status, true]);
    }),
    { numRuns: 300 },
  );
  expect(codes).toContain(' 400');
});

type Path = readonly (string | number)[];

function pathsOf(value: unknown, at: Path): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const below = Array.isArray(value) ? value.map((one: unknown, index) => [index, one] as const) : Object.entries(value);
  return [at, ...below.flatMap(([key, one]) => pathsOf(one, [...at, key]))];
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((one: unknown, index) => (index === key ? replaced(one, rest, by) : one));
  return Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, name === key ? replaced(one, rest, by) : one]));
}
