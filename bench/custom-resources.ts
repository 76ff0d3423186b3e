// node --import … bench/custom-resources.ts: how long an installation of many custom resource definitions takes, and what it keeps in memory.
import { resources, startCluster } from '../src/index.js';

/** Of so many definitions, the size of a large set of providers. */
const definitions = 500;
/** What must be reached, in seconds and megabytes. */
const limits = { seconds: 10, megabytes: 400 };

type Schema = Readonly<Record<string, unknown>>;

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
      spec: { type: 'object', properties: { forProvider: { type: 'object', properties: parameters } } },
      status: { type: 'object', properties: { conditions: { type: 'array', items: condition } } },
    },
  };
}

/** What was measured: seconds until all are established, and what the process keeps, in megabytes, beyond what it had before. */
export async function measureDefinitions(
  count: number,
): Promise<{ readonly seconds: number; readonly megabytes: number; readonly whole: number }> {
  const cluster = await startCluster({ components: ['apiserver'], freeze: true });
  const { client } = cluster;
  const type = resources.CUSTOM_RESOURCE_DEFINITIONS;
  const before = process.memoryUsage().rss;
  const began = performance.now();
  for (let index = 0; index < count; index++) {
    const plural = `things${index}`;
    const group = `provider${index % 40}.example.com`;
    const name = `${plural}.${group}`;
    const version = { name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: schemaOf(70) } };
    await client.create(type, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name },
      spec: { group, scope: 'Cluster', names: { plural, kind: `Thing${index}` }, versions: [version] },
    });
  }
  for (;;) {
    const { items } = await client.list(type);
    const ready = items.filter(({ status }) =>
      (status.conditions ?? []).some((one) => one.type === 'Established' && one.status === 'True'),
    );
    if (ready.length === count) break;
    await new Promise((done) => setTimeout(done, 20));
  }
  const seconds = (performance.now() - began) / 1000;
  (globalThis as { gc?: () => void }).gc?.();
  const rss = process.memoryUsage().rss;
  await cluster.stop();
  return { seconds, megabytes: Math.round((rss - before) / 1024 / 1024), whole: Math.round(rss / 1024 / 1024) };
}

if (process.argv[1]?.includes('custom-resources') === true) {
  const { seconds, megabytes, whole } = await measureDefinitions(definitions);
  console.log(
    `${definitions} definitions: ${seconds.toFixed(2)} s (at most ${limits.seconds}), ${megabytes} MB more, ${whole} MB in all (at most ${limits.megabytes})`,
  );
  if (seconds > limits.seconds || whole > limits.megabytes) process.exitCode = 1;
}
