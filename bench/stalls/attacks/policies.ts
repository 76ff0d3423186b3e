// Admission policies with costly expressions.
import type { Answer } from '../sender.js';
import { core, expected, fields, list, template, type Attack, type Group, type World } from '../world.js';

const group = '/apis/admissionregistration.k8s.io/v1';
const mutating = '/apis/admissionregistration.k8s.io/v1';

const constraints = {
  resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
  objectSelector: { matchLabels: { stalls: 'policies' } },
};
const keys = fields(10_000, (index) => [`k${index}`, '10.1.2.3']);

/** Installs a policy with its binding before each round, and creates a config map under it. */
function under(world: World, title: string, kind: string, spec: object, data: unknown): Attack {
  const resources = kind === 'ValidatingAdmissionPolicy' ? `${group}/validatingadmissionpolicies` : `${mutating}/mutatingadmissionpolicies`;
  const bindings = resources.replace('policies', 'policybindings');
  const name = 'stalls';
  const map = template({ metadata: { name: '$NAME', labels: { stalls: 'policies' } }, data });
  const ask = (asked: string): Promise<Answer> => world.ask('POST', `${core}/configmaps`, { body: map(asked) });
  return {
    title,
    prepare: async () => {
      const apiVersion = 'admissionregistration.k8s.io/v1';
      expected(await world.ask('POST', resources, { body: { apiVersion, kind, metadata: { name }, spec: { matchConstraints: constraints, ...spec } } }), 201, title); // prettier-ignore
      const actions = kind === 'ValidatingAdmissionPolicy' ? { validationActions: ['Deny'] } : {};
      expected(await world.ask('POST', bindings, { body: { apiVersion, kind: `${kind}Binding`, metadata: { name }, spec: { policyName: name, ...actions } } }), 201, title); // prettier-ignore
      // It takes effect a moment later.
      await new Promise((done) => setTimeout(done, 300));
    },
    run: (round) => ask(`policies${round}`),
    restore: async (round) => {
      await world.ask('DELETE', `${bindings}/${name}`);
      await world.ask('DELETE', `${resources}/${name}`);
      await new Promise((done) => setTimeout(done, 100));
      await world.ask('DELETE', `${core}/configmaps/policies${round}`);
    },
  };
}

export const policies: Group = {
  name: 'admission policies',
  attacks: async (world) => {
    const validating = (title: string, spec: object, data: unknown = keys): Attack =>
      under(world, title, 'ValidatingAdmissionPolicy', spec, data);
    const changing = (title: string, spec: object, data: unknown = keys): Attack =>
      under(world, title, 'MutatingAdmissionPolicy', { reinvocationPolicy: 'Never', ...spec }, data);
    const one = (expression: string): object => ({ validations: [{ expression }] });
    const configured = (expression: string): object => ({
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
    });
    const patched = (expression: string): object => ({ mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }] });
    return [
      validating('comprehensions in each other, 400 × 400', one('object.data.all(x, object.data.all(y, x != y || x == y))'), fields(400, (at) => [`k${at}`, 'v'])), // prettier-ignore
      validating('10,000 addresses', one('object.data.all(k, ip(object.data[k]).family() == 4)')),
      validating('10,000 patterns', one("object.data.all(k, object.data[k].matches('^(1+|0+|[.]|2|3)+$'))")),
      validating('a pattern on 900 KB', one("!object.data.a.matches('(a+)+$b')"), { a: 'a'.repeat(900_000) }),
      validating('500 expressions', { validations: list(500, (at) => ({ expression: `object.metadata.name != 'a${at}'` })) }),
      validating('200 variables, each of the one before', { variables: list(200, (at) => ({ name: `v${at}`, expression: at === 0 ? '[1]' : `variables.v${at - 1} + [${at}]` })), ...one('variables.v199.size() == 200') }), // prettier-ignore
      validating('texts that double 16 times', { variables: list(17, (at) => ({ name: `v${at}`, expression: at === 0 ? "'xxxxxxxx'" : `variables.v${at - 1} + variables.v${at - 1}` })), ...one('variables.v16.size() > 1') }), // prettier-ignore
      validating('a message of 5 KB, and audit annotations', { validations: [{ expression: 'false', messageExpression: "'x' + object.data.k1 + object.metadata.name" }], auditAnnotations: list(20, (at) => ({ key: `a${at}`, valueExpression: "object.data.map(k, k).join(',')" })) }), // prettier-ignore
      changing('a map of 10,000 applied', configured('Object{data: object.data}')),
      changing('a JSON patch of 1,000 operations', patched("object.data.map(k, JSONPatch{op: 'remove', path: '/data/' + k})"), fields(1000, (at) => [`k${at}`, 'v'])), // prettier-ignore
      changing(
        'a JSON patch of 10,000 operations',
        patched("object.data.map(k, JSONPatch{op: 'replace', path: '/data/' + k, value: 'x'})"),
      ),
      changing('20 mutations one after the other', { mutations: list(20, (at) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression: `Object{metadata: Object.metadata{labels: {'a${at}': 'b'}}}` } })) }), // prettier-ignore
    ];
  },
};
