// kubectl and custom resources: definitions, objects, tables, explain, apply, scale, and their end.
import { describeKubectl } from '../support/kit.js';
import { lines } from '../support/text.js';

const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.stable.example.com}
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct], categories: [all, jobs]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.selector}}
    additionalPrinterColumns:
    - {name: Spec, type: string, jsonPath: .spec.cronSpec}
    - {name: Replicas, type: integer, jsonPath: .spec.replicas}
    - {name: Image, type: string, priority: 1, jsonPath: .spec.image}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    selectableFields: [{jsonPath: .spec.image}]
    schema:
      openAPIV3Schema:
        type: object
        description: Runs a command again and again.
        required: [spec]
        properties:
          spec:
            type: object
            required: [cronSpec]
            properties:
              cronSpec: {type: string, description: When to run., pattern: '^(\\S+ ){4}\\S+$'}
              image: {type: string, default: busybox}
              replicas: {type: integer, minimum: 1, maximum: 10, default: 1}
              steps:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items: {type: object, required: [name], properties: {name: {type: string}, command: {type: string}}}
          status:
            type: object
            properties: {replicas: {type: integer}, selector: {type: string}}
`;

const cronTab = (name: string, spec: string): string => `
apiVersion: stable.example.com/v1
kind: CronTab
metadata: {name: ${name}}
spec: ${spec}
`;

describeKubectl('kubectl: custom resources', (kit) => {
  beforeAll(async () => {
    await kit.kubectl().okWith(definition, 'apply', '-f', '-');
    await kit.kubectl().ok('wait', '--for=condition=Established', '--timeout=20s', 'crd/crontabs.stable.example.com');
  });

  it('a definition is served at once, by all of its names', async () => {
    const kubectl = kit.kubectl();
    expect(await kubectl.ok('api-resources', '--api-group=stable.example.com')).toMatch(
      /crontabs +ct +stable\.example\.com\/v1 +true +CronTab/,
    );
    await kubectl.okWith(cronTab('first', "{cronSpec: '* * * * */5'}"), 'create', '-f', '-');
    for (const name of ['crontabs', 'crontab', 'ct', 'CronTab', 'crontabs.v1.stable.example.com', 'jobs'])
      expect(await kubectl.ok('get', name, '-o', 'name')).toContain('crontab.stable.example.com/first');
    await kubectl.ok('delete', 'ct', 'first');
  });

  it('tables have the columns of the definition', async () => {
    const kubectl = kit.kubectl();
    await kubectl.okWith(cronTab('table', "{cronSpec: '1 2 3 4 5', image: alpine, replicas: 4}"), 'apply', '-f', '-');
    const [head, row] = lines(await kubectl.ok('get', 'ct', 'table'));
    expect(head).toMatch(/^NAME +SPEC +REPLICAS +AGE$/);
    expect(row).toMatch(/^table +1 2 3 4 5 +4 +\d+s$/);
    const [wide, more] = lines(await kubectl.ok('get', 'ct', 'table', '-o', 'wide'));
    expect(wide).toMatch(/^NAME +SPEC +REPLICAS +IMAGE +AGE$/);
    expect(more).toContain('alpine');
    expect(await kubectl.ok('get', 'ct', '--field-selector', 'spec.image=alpine', '-o', 'name')).toBe('crontab.stable.example.com/table\n');
    expect(await kubectl.ok('get', 'ct', '--field-selector', 'spec.image=other', '-o', 'name')).toBe('');
  });

  it('values are checked, and unknown fields refused by kubectl', async () => {
    const kubectl = kit.kubectl();
    expect(await kubectl.failsWith(cronTab('bad', '{cronSpec: x, replicas: 11}'), 'create', '-f', '-')).toMatch(
      /The CronTab "bad" is invalid:(.|\n)*spec\.cronSpec: Invalid value: "x": spec\.cronSpec in body should match '\^\(\\S\+ \)\{4\}\\S\+\$'(.|\n)*less than or equal to 10/,
    );
    expect(await kubectl.failsWith(cronTab('bad', "{cronSpec: '1 2 3 4 5', colour: red}"), 'create', '-f', '-')).toContain(
      'strict decoding error: unknown field "spec.colour"',
    );
    await kubectl.okWith(cronTab('pruned', "{cronSpec: '1 2 3 4 5', colour: red}"), 'create', '--validate=ignore', '-f', '-');
    expect(await kubectl.ok('get', 'ct', 'pruned', '-o', 'jsonpath={.spec}')).toBe(
      '{"cronSpec":"1 2 3 4 5","image":"busybox","replicas":1}',
    );
  });

  it('server-side apply merges lists by the keys of the schema', async () => {
    const kubectl = kit.kubectl();
    const steps = (text: string): string => cronTab('merged', `{cronSpec: '1 2 3 4 5', steps: [${text}]}`);
    await kubectl.okWith(steps('{name: a, command: x}'), 'apply', '--server-side', '--field-manager=one', '-f', '-');
    await kubectl.okWith(steps('{name: b, command: run}'), 'apply', '--server-side', '--field-manager=two', '-f', '-');
    expect(await kubectl.ok('get', 'ct', 'merged', '-o', 'jsonpath={.spec.steps[*].name}')).toBe('a b');
    expect(await kubectl.failsWith(steps('{name: a, command: z}'), 'apply', '--server-side', '--field-manager=two', '-f', '-')).toContain(
      'conflict with "one": .spec.steps[name="a"].command',
    );
  });

  it('scale and status are subresources', async () => {
    const kubectl = kit.kubectl();
    await kubectl.okWith(cronTab('scaled', "{cronSpec: '1 2 3 4 5'}"), 'apply', '-f', '-');
    expect(await kubectl.ok('scale', 'ct/scaled', '--replicas=5')).toBe('crontab.stable.example.com/scaled scaled\n');
    expect(await kubectl.ok('get', 'ct', 'scaled', '-o', 'jsonpath={.spec.replicas} {.metadata.generation}')).toBe('5 2');
    await kubectl.ok(
      'patch',
      'ct',
      'scaled',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"replicas":5},"spec":{"replicas":9}}',
    );
    expect(await kubectl.ok('get', 'ct', 'scaled', '-o', 'jsonpath={.spec.replicas} {.status.replicas} {.metadata.generation}')).toBe(
      '5 5 2',
    );
    expect(await kubectl.fails('patch', 'ct', 'scaled', '--type=strategic', '-p', '{"spec":{"replicas":2}}')).toContain(
      'the body of the request was in an unknown format',
    );
  });

  it('explain tells of its fields', async () => {
    const text = await kit.kubectl().ok('explain', 'crontab.spec');
    expect(text).toMatch(/^GROUP: {6}stable\.example\.com\nKIND: {7}CronTab\nVERSION: {4}v1\n/);
    expect(text).toMatch(/ {2}cronSpec\t<string> -required-\n {4}When to run\./);
    expect(await kit.kubectl().ok('explain', 'ct')).toContain('Runs a command again and again.');
  });

  it('objects go with their definition', async () => {
    const kubectl = kit.kubectl();
    await kubectl.ok('delete', 'crd', 'crontabs.stable.example.com', '--timeout=20s');
    expect(await kubectl.fails('get', 'ct')).toContain('the server could not find the requested resource');
    await kubectl.okWith(definition, 'apply', '-f', '-');
    await kubectl.ok('wait', '--for=condition=Established', '--timeout=20s', 'crd/crontabs.stable.example.com');
    expect(await kubectl.ok('get', 'crontabs.stable.example.com', '-o', 'name')).toBe('');
  });
});
