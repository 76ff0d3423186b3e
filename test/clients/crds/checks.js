// Definitions as their authors publish them, installed by kubectl and used, against the cluster of KUBECONFIG. KUBECTL is the program.
// `--record` writes down what a cluster made of them, which must be a real one.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { output, runChecks, runTool, want, wantMatch } from '../support.js';

const here = import.meta.dirname;
const { KUBECTL: program = 'kubectl' } = process.env;
const namespace = 'crds';
const kubectl = (...args) => output(program, args);
const record = process.argv.includes('--record');
const recordedFile = join(here, 'recorded.json');
const recorded = record ? {} : JSON.parse(readFileSync(recordedFile, 'utf8'));

/** Where a set's definitions are in its module, how they are applied, and where examples are: in the module, or in manifests/. */
const sets = [
  {
    name: 'gateway-api',
    module: 'sigs.k8s.io/gateway-api',
    definitions: ['config/crd/standard'],
    serverSide: true,
    valid: ['examples/standard'],
    invalid: ['hack/invalid-examples/standard'],
  },
  { name: 'cert-manager', module: 'github.com/cert-manager/cert-manager', definitions: ['deploy/crds'], serverSide: false },
  { name: 'istio', module: 'istio.io/api', definitions: ['kubernetes/customresourcedefinitions.gen.yaml'], serverSide: true },
  { name: 'crossplane', module: 'github.com/crossplane/crossplane', definitions: ['cluster/crds'], serverSide: true },
  { name: 'knative', module: 'knative.dev/serving', definitions: ['config/core/300-resources'], serverSide: false },
  {
    name: 'cluster-api',
    module: 'sigs.k8s.io/cluster-api',
    definitions: ['core/config/crd/bases', 'bootstrap/kubeadm/config/crd/bases', 'controlplane/kubeadm/config/crd/bases'],
    serverSide: true,
  },
];

/** JSON documents, one after the other. */
const documentsOf = (text) =>
  text
    .trim()
    .split(/(?<=^\})\n/m)
    .filter((one) => one !== '')
    .map((one) => JSON.parse(one));

/** The folders of the modules that go.mod names. */
async function foldersOf(modules) {
  const { code, out, errors } = await runTool('go', ['-C', here, 'mod', 'download', '-json', ...modules]);
  if (code !== 0) throw new Error(`go mod download: ${errors}${out}`);
  return new Map(documentsOf(out).map(({ Path: path, Dir: folder }) => [path, folder]));
}

function yamlFiles(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true })
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(path, name));
}

const objectsIn = (file) =>
  parseAllDocuments(readFileSync(file, 'utf8'), { version: '1.1', merge: true })
    .map((document) => document.toJS())
    .filter((object) => object?.kind !== undefined);

/** The objects of a set's own kinds in files, each with where it is from; a name counts once. */
function examples(files, groups, base) {
  const found = new Map();
  for (const file of files) {
    for (const object of objectsIn(file)) {
      if (!groups.has(object.apiVersion.split('/')[0])) continue;
      delete object.metadata.namespace;
      const key = `${object.apiVersion} ${object.kind} ${object.metadata.name}`;
      if (!found.has(key)) found.set(key, { object, from: relative(base, file) });
    }
  }
  return [...found.values()];
}

/** What is left of an object when what differs from run to run is taken away. */
function settled({ apiVersion, kind, metadata, ...rest }) {
  const {
    name,
    generation,
    labels,
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': _, ...annotations } = {},
  } = metadata;
  const text = JSON.stringify(rest).replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>');
  return { apiVersion, kind, name, generation, labels, annotations, ...JSON.parse(text) };
}

/** Objects with their keys sorted, as text. */
const canonical = (value) =>
  JSON.stringify(value, (_key, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );

/** What is complained of, in an order: several faults do not always come in the same one. */
const linesOf = (errors) =>
  errors
    .split('\n')
    .filter((line) => line !== '')
    .sort();

/** Creates them all with one kubectl. */
function create(objects) {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  return runTool(program, ['create', '--namespace', namespace, '--validate=ignore', '-o', 'json', '-f', '-'], list);
}

/** Compares with what a real cluster did, or writes it down. */
function compare(set, what, got) {
  const kept = (recorded[set.name] ??= {});
  if (record) {
    kept[what] = got;
    return;
  }
  got.forEach((one, index) => want(`${what} ${index}`, canonical(kept[what][index]), canonical(one)));
  want(`the number of ${what}`, kept[what].length, got.length);
}

function checksOf(set, folder) {
  const files = set.definitions.flatMap((path) => yamlFiles(join(folder, path)));
  const definitions = files.flatMap((file) => objectsIn(file)).filter(({ kind }) => kind === 'CustomResourceDefinition');
  const groups = new Set(definitions.map(({ spec }) => spec.group));
  const options = [...(set.serverSide ? ['--server-side'] : []), ...set.definitions.flatMap((path) => ['-f', join(folder, path)])];
  const filesOf = (kind) =>
    set[kind]?.flatMap((path) => yamlFiles(join(folder, path))) ?? [join(here, 'manifests', `${set.name}-${kind}.yaml`)];
  const side = set.serverSide ? 'server side' : 'client side';
  return [
    [
      `${set.name}: ${definitions.length} definitions applied on the ${side}`,
      async () => {
        await kubectl('apply', ...options);
        const names = definitions.map(({ metadata }) => `crd/${metadata.name}`);
        await kubectl('wait', '--for=condition=Established', '--timeout=20s', ...names);
        const again = await kubectl('apply', ...options);
        wantMatch('the second apply', set.serverSide ? /^(\S+ serverside-applied\n)+$/ : /^(\S+ unchanged\n)+$/, again);
      },
    ],
    [
      `${set.name}: instances with their defaults, as a real server keeps them`,
      async () => {
        const found = examples(filesOf('valid'), groups, folder);
        const { out, errors } = await create(found.map(({ object }) => object));
        compare(set, 'instances', documentsOf(out).map(settled));
        compare(set, 'refusals among the examples', linesOf(errors));
      },
    ],
    [
      `${set.name}: invalid instances, refused as by a real server`,
      async () => {
        const found = examples(filesOf('invalid'), groups, folder);
        const answers = [];
        for (const { object, from } of found) {
          const { code, errors } = await create([object]);
          answers.push({
            name: object.metadata.name,
            from: set.invalid === undefined ? undefined : from,
            code,
            errors: linesOf(errors),
          });
        }
        compare(set, 'invalid', answers);
      },
    ],
  ];
}

const folders = await foldersOf(sets.map(({ module }) => module));
const { code, errors } = await runTool(program, ['create', 'namespace', namespace]);
if (code !== 0) console.error(errors);
await runChecks('crds', [
  ...sets.flatMap((set) => checksOf(set, folders.get(set.module))),
  [
    'gateway-api: a definition too large for an apply on the client side is refused',
    async () => {
      const file = join(folders.get('sigs.k8s.io/gateway-api'), 'config/crd/experimental/gateway.networking.k8s.io_httproutes.yaml');
      const { errors: refusal } = await runTool(program, ['apply', '-f', file]);
      wantMatch('the refusal', /metadata\.annotations: Too long: may not be more than 262144 bytes/, refusal);
    },
  ],
]);
if (record) writeFileSync(recordedFile, `${JSON.stringify(recorded, null, 1)}\n`);
