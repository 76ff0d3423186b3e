// Mistakes people make, and the words they get for them: those of the real server, never a stack trace.
import { describeKubectl, type Tool } from '../support/kit.js';

describeKubectl('kubectl: mistakes', (kit) => {
  let kubectl: Tool;

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
  });

  const name =
    `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character ` +
    `(e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`;

  /** A manifest, and what `kubectl create -f -` answers. */
  const manifests: readonly (readonly [what: string, manifest: string, answer: string])[] = [
    [
      'another version of a known kind',
      'apiVersion: v9\nkind: ConfigMap\nmetadata: {name: x}',
      'error: resource mapping not found for name: "x" namespace: "" from "STDIN": no matches for kind "ConfigMap" in version "v9"\nensure CRDs are installed first\n',
    ],
    [
      'an unknown kind',
      'apiVersion: v1\nkind: Nope\nmetadata: {name: x}',
      'error: resource mapping not found for name: "x" namespace: "" from "STDIN": no matches for kind "Nope" in version "v1"\nensure CRDs are installed first\n',
    ],
    [
      'no YAML',
      'kind: Nope: x',
      'error: error parsing STDIN: error converting YAML to JSON: yaml: mapping values are not allowed in this context\n',
    ],
    [
      'no kind',
      '{"apiVersion":"v1"}',
      'error: error validating "STDIN": error validating data: kind not set; if you choose to ignore these errors, turn validation off with --validate=false\n',
    ],
    [
      'a value of the wrong type',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":1}}',
      'Error from server (BadRequest): error when creating "STDIN": ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string\n',
    ],
    [
      'no name',
      '{"apiVersion":"v1","kind":"ConfigMap"}',
      'The ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required\n',
    ],
    [
      'a name that is none',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: BAD_NAME}',
      `The ConfigMap "BAD_NAME" is invalid: metadata.name: Invalid value: "BAD_NAME": ${name}\n`,
    ],
    [
      'a required field left out',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: []}',
      'The Pod "x" is invalid: spec.containers: Required value\n',
    ],
    [
      'several mistakes at once',
      '{"apiVersion":"v1","kind":"Service","metadata":{"name":"x"},"spec":{"ports":[{"port":99999}]}}',
      'The Service "x" is invalid: \n* spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535, inclusive\n* spec.ports[0].targetPort: Invalid value: 99999: must be between 1 and 65535, inclusive\n',
    ],
    [
      'unknown fields',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: x, lables: {a: b}}\nspec: {containers: [{name: a, image: b, port: 1}]}',
      'Error from server (BadRequest): error when creating "STDIN": Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "metadata.lables", unknown field "spec.containers[0].port"\n',
    ],
    [
      'another namespace than that of the request',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: default}',
      'error: the namespace from the provided object "default" does not match the namespace "test-1". You must pass \'--namespace=default\' to perform this operation.\n',
    ],
  ];

  it.each(manifests)('create with %s', async (_what, manifest, answer) => {
    expect(await kubectl.failsWith(manifest, 'create', '-f', '-')).toBe(answer);
  });

  /** A command, and what it answers. */
  const commands: readonly (readonly [command: string, answer: string])[] = [
    ['get nosuch', 'error: the server doesn\'t have a resource type "nosuch"\n'],
    ['get pods.v9.nosuch.io', 'error: the server doesn\'t have a resource type "pods"\n'],
    ['get pod nosuch', 'Error from server (NotFound): pods "nosuch" not found\n'],
    ['delete deployment nosuch', 'Error from server (NotFound): deployments.apps "nosuch" not found\n'],
    [
      'delete namespace default',
      'Warning: deleting cluster-scoped resources, not scoped to the provided namespace\nError from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted\n',
    ],
    ['create namespace default', 'Error from server (AlreadyExists): namespaces "default" already exists\n'],
    ['run y --image=nginx -n nonsuch', 'Error from server (NotFound): namespaces "nonsuch" not found\n'],
    ['scale deployment nosuch --replicas=1', 'Error from server (NotFound): deployments.apps "nosuch" not found\n'],
    ['expose deployment nosuch --port=80', 'Error from server (NotFound): deployments.apps "nosuch" not found\n'],
    ['rollout status deployment/nosuch', 'Error from server (NotFound): deployments.apps "nosuch" not found\n'],
    [
      'create deployment d --image=',
      'error: failed to create deployment: Deployment.apps "d" is invalid: spec.template.spec.containers: Required value\n',
    ],
    ['apply -f /nosuch', 'error: the path "/nosuch" does not exist\n'],
    ['get --raw /apis/nosuch.io', 'Error from server (NotFound): the server could not find the requested resource\n'],
  ];

  it.each(commands)('%s', async (command, answer) => {
    expect(await kubectl.fails(...command.split(' '))).toBe(answer);
  });

  it('a body over 3 MiB is refused, and the server lives on', async () => {
    const huge = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'huge' }, data: { a: 'x'.repeat(3_500_000) } });
    expect(await kubectl.failsWith(huge, 'create', '-f', '-')).toMatch(
      /^Error from server \(RequestEntityTooLarge\): error when creating "STDIN": .*limit is 3145728/,
    );
    expect(await kubectl.ok('get', 'configmap', 'huge', '--ignore-not-found')).toBe('');
  });

  it('a server that is not there', async () => {
    const text = await kubectl.fails('get', 'pods', '--server', 'https://127.0.0.1:1');
    expect(text).toMatch(/The connection to the server 127\.0\.0\.1:1 was refused/);
  });
});
