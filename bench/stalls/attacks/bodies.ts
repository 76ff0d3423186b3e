// Patches, applies and encodings of built-in objects, and lists of many.
import { core, change, creation, expected, fields, flood, list, type Attack, type Group } from '../world.js';

const strategic = 'application/strategic-merge-patch+json';
const yaml = 'application/yaml';
const applied = 'application/apply-patch+yaml';
const maps = `${core}/configmaps`;
const pods = `${core}/pods`;

const map = { metadata: { name: '$NAME' }, data: { a: 'b' } };
const podOf = (env: readonly object[]): unknown => ({
  metadata: { name: '$NAME' },
  spec: { containers: [{ name: 'c', image: 'i', env }] },
});
const containers = (container: object): unknown => ({ spec: { containers: [{ name: 'c', ...container }] } });
const env = (count: number, from = 0): readonly object[] => list(count, (index) => ({ name: `E${index + from}`, value: 'v' }));

export const patches: Group = {
  name: 'patches',
  attacks: async (world) => {
    const patch = (title: string, path: string, before: unknown, body: unknown, type = strategic): Attack =>
      change(world, title, path, { before, type, body });
    const small = podOf([]);
    return [
      patch('strategic, 30,000 variables over 12,000', pods, podOf(env(12_000)), containers({ env: env(30_000, 6000) })),
      patch('strategic, 80,000 variables', pods, small, containers({ env: list(80_000, (index) => ({ name: `E${index}` })) })),
      patch('strategic, the order of 12,000', pods, podOf(env(12_000)), containers({ '$setElementOrder/env': list(12_000, (index) => ({ name: `E${11_999 - index}` })) })), // prettier-ignore
      patch('strategic, 12,000 deleted', pods, podOf(env(12_000)), containers({ env: list(12_000, (index) => ({ $patch: 'delete', name: `E${index}` })) })), // prettier-ignore
      patch('strategic, 100,000 finalizers', maps, map, { metadata: { finalizers: list(100_000, (index) => `a.b/c${index}`) } }),
      patch('strategic, 100,000 keys', maps, map, { data: fields(100_000, (index) => [`k${index}`, 'x']) }),
      patch('strategic, 40,000 keys retained', maps, map, { data: { ...fields(40_000, (index) => [`k${index}`, 'x']), $retainKeys: list(40_000, (index) => `k${index}`) } }), // prettier-ignore
      patch('JSON patch of 10,000 operations', maps, map, list(10_000, (index) => ({ op: 'add', path: `/data/k${index}`, value: 'v' })), 'application/json-patch+json'), // prettier-ignore
      patch('JSON patch of 40 copies that double', maps, map, list(40, (index) => ({ op: 'copy', from: '/data', path: `/data/k${index}` })), 'application/json-patch+json'), // prettier-ignore
      patch(
        'merge patch of 100,000 keys',
        maps,
        map,
        { data: fields(100_000, (index) => [`k${index}`, 'x']) },
        'application/merge-patch+json',
      ),
    ];
  },
};

const mapText = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: $NAME}\n';

export const applies: Group = {
  name: 'applies and YAML',
  attacks: async (world) => {
    const apply = (title: string, body: unknown, before?: unknown): Attack =>
      change(world, title, maps, { before, type: applied, body, query: '?fieldManager=a' });
    const post = (title: string, text: string): Attack => creation(world, title, maps, text, yaml);
    const full = (value: string): unknown => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '$NAME' }, data: fields(40_000, (index) => [`k${index}`, value]) }); // prettier-ignore
    return [
      apply('apply, 40,000 keys', full('v')),
      apply('apply, a conflict of 40,000 keys', full('w'), full('v')),
      apply('apply, 3 MB of YAML', `${mapText}data:\n${list(180_000, (index) => `  k${index}: "v"`).join('\n')}\n`),
      post('YAML, a flow of 500,000 words in one line', `${mapText}data: {a: ${'x '.repeat(500_000)}}`),
      post('YAML, a flow list of 1,000,000', `${mapText}data: [${'x,'.repeat(1_000_000)}]`),
      post('YAML, a block of 300,000 lines', `${mapText}data:\n  a: |\n${'    line\n'.repeat(300_000)}`),
      post('YAML, a quoted text of 300,000 lines', `${mapText}data:\n  a: "${'x\\n\\\n  '.repeat(300_000)}"`),
      post('YAML, one quoted line of 2.9 MB', `${mapText}data: {a: "${'x'.repeat(2_900_000)}"}`),
      post('YAML, one plain line of 2.9 MB', `${mapText}data:\n  a: ${'x y '.repeat(700_000)}`),
      post('YAML, 700,000 comments', `${mapText}${'# c\n'.repeat(700_000)}`),
      post('YAML, 700,000 documents', '---\n'.repeat(700_000)),
      post('YAML, nested 100,000 deep', `${mapText}data: ${'['.repeat(100_000)}`),
      post('YAML, aliases of aliases', `${mapText}a: &a [x,x,x,x,x,x,x,x,x]\n${list(20, (index) => `b${index}: &b${index} [${list(9, () => (index === 0 ? '*a' : `*b${index - 1}`)).join(',')}]`).join('\n')}\n`), // prettier-ignore
    ];
  },
};

export const lists: Group = {
  name: 'lists',
  attacks: async (world) => {
    let made: Promise<unknown> | undefined;
    const count = 3000;
    const make = (): Promise<unknown> =>
      flood(
        count,
        async (index) =>
        expected(await world.ask('POST', pods, { body: { metadata: { name: `p${index}`, labels: { app: `a${index % 50}` } }, spec: { schedulerName: 'none', automountServiceAccountToken: false, containers: [{ name: 'c', image: 'i' }] } } }), 201, 'a pod'), // prettier-ignore
      );
    const get = (title: string, query: string, accept = 'application/json'): Attack => ({
      title,
      prepare: () => (made ??= make()),
      run: () => world.ask('GET', `${pods}?${query}`, { headers: { accept } }),
    });
    const terms = (one: (index: number) => string): string => encodeURIComponent(list(count, one).join(','));
    return [
      get('3,000 pods', ''),
      get('3,000 pods as YAML', '', yaml),
      get('3,000 pods as a Table', 'includeObject=Object', 'application/json;as=Table;g=meta.k8s.io;v=v1'),
      get('3,000 pods in protobuf', '', 'application/vnd.kubernetes.protobuf'),
      get('3,000 pods, pretty', 'pretty=true'),
      get('3,000 pods with a selector of 3,000 terms', `labelSelector=${terms((index) => `x${index}!=a`)}`),
      get('3,000 pods with a field selector of 3,000 terms', `fieldSelector=${terms((index) => `spec.nodeName!=a${index}`)}`),
      get('a watch of 3,000 pods', 'watch=1&timeoutSeconds=1'),
      { title: '3,000 pods deleted at once', prepare: async () => { await made; made = undefined; await flood(count, (index) => world.ask('POST', pods, { body: { metadata: { name: `p${index}` }, spec: { schedulerName: 'none', containers: [{ name: 'c', image: 'i' }] } } })); }, run: () => world.ask('DELETE', `${pods}?gracePeriodSeconds=0`) }, // prettier-ignore
    ];
  },
};
