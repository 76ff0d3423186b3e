// How long an installation of many custom resource definitions takes, and what the server keeps in memory for it.
import type { ApiClient } from '../api-client.js';
import { customResourceDefinition } from '../custom-resources.js';

type Schema = Readonly<Record<string, unknown>>;

export const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
/** How many groups the definitions are spread over, as those of providers are. */
const groups = 40;

/** A schema with as many fields as those of cloud providers' resources have: about 20 KB of JSON. */
function schemaOf(fields: number): Schema {
  const condition: Schema = {
    type: 'object',
    required: ['type', 'status'],
    properties: Object.fromEntries(
      ['type', 'status', 'reason', 'message', 'lastTransitionTime'].map((name) => [
        name,
        { type: 'string', description: `The ${name} of a condition.` },
      ]),
    ),
  };
  const parameters = Object.fromEntries(
    Array.from({ length: fields }, (_, index): [string, Schema] => [
      `field${index}`,
      {
        type: 'object',
        description: `What field ${index} of the provider's resource is to be, as its own documentation tells at length.`,
        properties: {
          name: { type: 'string', minLength: 1, pattern: '^[a-z]+$' },
          size: { type: 'integer', default: 3 },
          tags: { type: 'object', additionalProperties: { type: 'string' } },
        },
      },
    ]),
  );
  return {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: { forProvider: { type: 'object', properties: parameters } },
        'x-kubernetes-validations': [{ rule: 'has(self.forProvider)', message: 'forProvider must be there' }],
      },
      status: { type: 'object', properties: { conditions: { type: 'array', items: condition } } },
    },
  };
}

/** The definition of this number. */
export function definitionOf(index: number): unknown {
  const plural = `things${index}`;
  const group = `provider${index % groups}.example.com`;
  return customResourceDefinition({ group, plural, kind: `Thing${index}` }, schemaOf(70), {
    version: { subresources: { status: {} } },
    spec: { scope: 'Cluster' },
  });
}

interface Definition {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Creates them one after the other, as an installation does; resolves to the seconds until all are established. */
export async function install(client: ApiClient, count: number): Promise<number> {
  const established = new Set<string>();
  let settled = (): void => undefined;
  const all = new Promise<void>((resolve) => (settled = resolve));
  const stop = await client.watch(`${definitionsPath}?watch=1`, (line) => {
    const { metadata, status } = (JSON.parse(line) as { readonly object: Definition }).object;
    if (!metadata.name.startsWith('things')) return;
    if ((status?.conditions ?? []).some((one) => one.type === 'Established' && one.status === 'True')) established.add(metadata.name);
    if (established.size === count) settled();
  });
  const began = performance.now();
  for (let index = 0; index < count; index++) await client.request('POST', definitionsPath, { body: definitionOf(index) });
  await all;
  const seconds = (performance.now() - began) / 1000;
  stop();
  return seconds;
}
