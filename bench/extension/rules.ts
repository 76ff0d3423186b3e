// What a validation rule costs on a typical resource: in process, and as creates over HTTP.
import { checkRules } from '../../src/registry/customresources/rules/evaluate.js';
import { structuralOf } from '../../src/registry/customresources/structural.js';
import type { ApiClient } from '../api-client.js';
import { customResourceDefinition } from '../custom-resources.js';
import { parallel } from '../load/parallel.js';
import { definitionsPath } from './definitions.js';
import { namespace } from './authorization.js';

/** Rules as operators write them. */
const rules = [
  { rule: 'self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas', message: 'replicas must be within their limits' },
  { rule: "self.schedule.matches('^([0-9*/,-]+ ){4}[0-9*/,-]+$')", message: 'schedule must have five fields' },
  { rule: "self.containers.all(c, c.image.contains(':') && !c.image.endsWith(':latest'))", message: 'images need a tag' },
  { rule: '!has(oldSelf.kind) || self.kind == oldSelf.kind', message: 'kind is immutable' },
];

const text = { type: 'string', maxLength: 200 };
const spec = {
  type: 'object',
  properties: {
    kind: text,
    replicas: { type: 'integer' },
    minReplicas: { type: 'integer' },
    maxReplicas: { type: 'integer' },
    schedule: text,
    containers: { type: 'array', maxItems: 20, items: { type: 'object', properties: { name: text, image: text } } },
  },
};
const object = {
  kind: 'batch',
  replicas: 3,
  minReplicas: 1,
  maxReplicas: 5,
  schedule: '*/5 * * * *',
  containers: ['main', 'proxy', 'log'].map((name) => ({ name, image: `registry.example.com/${name}:1.2.3` })),
};

/** Microseconds for one rule on the resource, once it is compiled: the mean of the rules. */
export function evaluation(times: number): number {
  const place = structuralOf({ ...spec, 'x-kubernetes-validations': rules });
  const check = (): void => {
    if (checkRules(object, object, place).errors.length > 0) throw new Error('the resource breaks a rule that it should not');
  };
  for (let round = 0; round < times / 10; round++) check();
  const began = performance.now();
  for (let round = 0; round < times; round++) check();
  return ((performance.now() - began) * 1000) / (times * rules.length);
}

const group = 'rules.example.com';

function definition(plural: string, withRules: boolean): unknown {
  const schema = { type: 'object', properties: { spec: withRules ? { ...spec, 'x-kubernetes-validations': rules } : spec } };
  return customResourceDefinition({ group, plural, kind: plural === 'ruled' ? 'Ruled' : 'Plain' }, schema);
}

/** Creates a second of custom resources, without rules and with them. */
export async function creates(client: ApiClient, count: number): Promise<{ readonly plain: number; readonly ruled: number }> {
  const measure = async (plural: 'plain' | 'ruled', kind: string): Promise<number> => {
    await client.request('POST', definitionsPath, { body: definition(plural, plural === 'ruled') });
    const path = `/apis/${group}/v1/namespaces/${namespace}/${plural}`;
    const create = (name: string): Promise<unknown> =>
      client.request('POST', path, { body: { apiVersion: `${group}/v1`, kind, metadata: { name }, spec: object } });
    // It is served a moment after it is created.
    for (let tries = 0; ; tries++) {
      try {
        await create('first');
        break;
      } catch (error) {
        if (tries === 200) throw error;
        await new Promise((done) => setTimeout(done, 50));
      }
    }
    await parallel(count / 10, 16, (index) => create(`warm-${index}`));
    return (await parallel(count, 16, (index) => create(`one-${index}`))).perSecond;
  };
  return { plain: await measure('plain', 'Plain'), ruled: await measure('ruled', 'Ruled') };
}
