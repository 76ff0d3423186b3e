// What it costs to read and to check a pod strictly, without the network and the store around it.
import { decodeObjectBody } from '../src/apimachinery/codec/body.js';
import type { KubeObject } from '../src/apimachinery/object.js';
import { compileSchemas } from '../src/apimachinery/schema/compile.js';
import { createRegistry, loadFacts } from '../src/registry/index.js';
import { schemaSourceOf } from '../src/registry/facts.js';
import { pod } from './load/pod.js';

/** How large the pod is at least, in bytes of JSON. */
const size = 5000;
/** Pods before the first that counts, a batch, and batches. */
const [warm, batch, batches] = [5000, 500, 20];

/** Samples of the microseconds that a pod of 5 KB takes: one for strict decoding and defaults with validation, one for validation alone. */
export function timeValidation(): { readonly whole: readonly number[]; readonly rules: readonly number[] } {
  const facts = loadFacts();
  const registry = createRegistry(facts, compileSchemas(schemaSourceOf(facts)));
  const kind = registry.byKind('', 'v1', 'Pod')!;
  const bytes = Buffer.from(JSON.stringify(largePod()));
  const read = (): KubeObject => {
    const { object } = decodeObjectBody(bytes, {
      mediaType: 'application/json',
      expected: kind,
      node: kind.schema(),
      fieldValidation: 'Strict',
      isKnown: () => true,
    });
    kind.strategy.applyDefaults?.(object);
    return object as unknown as KubeObject;
  };
  const check = (object: KubeObject): void => {
    const errors = kind.strategy.validate?.(object) ?? [];
    if (errors.length > 0) throw new Error(`the pod of the bench is not valid: ${JSON.stringify(errors)}`);
  };
  const one = read();
  return { whole: timed(() => check(read())), rules: timed(() => check(one)) };
}

function timed(work: () => void): readonly number[] {
  for (let i = 0; i < warm; i++) work();
  return Array.from({ length: batches }, () => {
    const began = performance.now();
    for (let i = 0; i < batch; i++) work();
    return ((performance.now() - began) * 1000) / batch;
  });
}

/** The pod of the load with as many more containers and variables as it takes. */
function largePod(): object {
  const small = pod(7) as { metadata: object; spec: { containers: Record<string, unknown>[] } };
  const [web] = small.spec.containers;
  const containers = [...small.spec.containers];
  const large = { ...small, metadata: { ...small.metadata, namespace: 'default' }, spec: { ...small.spec, containers } };
  while (JSON.stringify(large).length < size) {
    const index = containers.length;
    containers.push({ ...web, name: `web-${index}`, ports: [{ containerPort: 8000 + index, name: `http-${index}` }] });
  }
  return large;
}
