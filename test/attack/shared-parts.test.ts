// Patches that leave most of an object as it was: the parts that the new version shares with the old one must not be written into.
//
// - Every kind that can be patched, and each of its subresources, on a server whose stored objects are frozen
// - Patches of nothing, of labels alone, of an empty spec and status; the same as an apply
import { Victim } from './attacker.js';

const victim = new Victim();
beforeAll(async () => victim.start(), 60_000);
afterAll(async () => victim.stop());

interface Served {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

interface Stored {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

async function read<T>(path: string): Promise<T> {
  return JSON.parse((await victim.ask('GET', path)).text) as T;
}

const containers = [{ name: 'c', image: 'busybox' }];
const template = { metadata: { labels: { a: 'b' } }, spec: { containers } };
const selector = { matchLabels: { a: 'b' } };
const storage = { storage: '1Gi' };
const accessModes = ['ReadWriteOnce'];
const apps = '/apis/apps/v1/namespaces/attack';
const core = '/api/v1/namespaces/attack';

/** Besides what is in every cluster. */
const more: readonly (readonly [path: string, body: object])[] = [
  [`${core}/limitranges`, { spec: { limits: [{ type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '100m' } }] } }],
  [`${core}/resourcequotas`, { spec: { hard: { pods: '10' } } }],
  [`${core}/pods`, { spec: template.spec }],
  [`${core}/services`, { spec: { type: 'NodePort', ports: [{ port: 80 }] } }],
  [`${core}/secrets`, { data: { a: 'Yg==' } }],
  [`${core}/persistentvolumeclaims`, { spec: { accessModes, resources: { requests: storage } } }],
  ['/api/v1/nodes', {}],
  ['/api/v1/persistentvolumes', { spec: { capacity: storage, accessModes, hostPath: { path: '/x' } } }],
  [`${apps}/deployments`, { spec: { selector, template } }],
  [`${apps}/replicasets`, { spec: { selector, template } }],
  [`${apps}/statefulsets`, { spec: { selector, template, serviceName: 'x' } }],
  [`${apps}/daemonsets`, { spec: { selector, template } }],
  ['/apis/batch/v1/namespaces/attack/jobs', { spec: { template: { spec: { containers, restartPolicy: 'Never' } } } }],
  ['/apis/policy/v1/namespaces/attack/poddisruptionbudgets', { spec: { minAvailable: 1, selector } }],
  ['/apis/storage.k8s.io/v1/storageclasses', { provisioner: 'x' }],
];

const merge = 'application/merge-patch+json';
const patches: readonly (readonly [type: string, body: string])[] = [
  [merge, '{}'],
  ['application/strategic-merge-patch+json', '{}'],
  ['application/json-patch+json', '[]'],
  [merge, '{"metadata":{"labels":{"x":null}}}'],
  [merge, '{"metadata":{"labels":{"x":"1"}}}'],
  [merge, '{"metadata":{"annotations":{"x":"1"}}}'],
  [merge, '{"spec":{},"status":{}}'],
];

test('no patch changes a part of an object that is stored', async () => {
  for (const [path, body] of more) {
    const answer = await victim.ask('POST', path, { body: JSON.stringify({ metadata: { name: 'x' }, ...body }) });
    expect([path, answer.status]).toEqual([path, 201]);
  }
  const { groups } = await read<{ groups: { versions: { groupVersion: string }[] }[] }>('/apis');
  const versions = groups.flatMap(({ versions: all }) => all.map(({ groupVersion }) => groupVersion));
  let asked = 0;
  for (const version of ['v1', ...versions]) {
    const base = version === 'v1' ? '/api/v1' : `/apis/${version}`;
    const { resources } = await read<{ resources: Served[] }>(base);
    const patched = resources.filter(({ name, verbs }) => verbs.includes('patch') && !name.endsWith('/proxy'));
    for (const { name, kind } of patched.filter((one) => !one.name.includes('/'))) {
      const subresources = patched.filter((one) => one.name.startsWith(`${name}/`)).map((one) => one.name.slice(name.length));
      for (const { metadata } of (await read<{ items: Stored[] }>(`${base}/${name}?limit=2`)).items) {
        const { namespace } = metadata;
        const place = `${base}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${name}/${metadata.name}`;
        const applied = { apiVersion: version, kind, metadata: { name: metadata.name, namespace, labels: { applied: 'x' } } };
        const ways = [...patches, ['application/apply-patch+yaml', JSON.stringify(applied)] as const];
        for (const subresource of ['', ...subresources]) {
          for (const [type, body] of ways) {
            const options = type.includes('apply') ? '?fieldManager=x&force=true' : '';
            const { status, text } = await victim.ask('PATCH', `${place}${subresource}${options}`, { type, body });
            if (status === 500) throw new Error(`${place}${subresource} ${body}: ${text}`);
            asked++;
          }
        }
      }
    }
  }
  expect(asked).toBeGreaterThan(400);
  expect(victim.bugs).toEqual([]);
}, 60_000);
