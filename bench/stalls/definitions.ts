// Custom resource definitions for attacks.
import { customResourceDefinition } from '../custom-resources.js';
import { core, expected, type World } from './world.js';

export type Schema = Readonly<Record<string, unknown>>;

export const group = 'stalls.example.com';
export const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const collection = (plural: string): string => core.replace('/api/v1', `/apis/${group}/v1`) + `/${plural}`;

/** `plural` may be `$NAME`, for {@link template}. `version` adds to its only version, `spec` to the whole. */
export function definition(plural: string, schema: Schema, more: { version?: Schema; spec?: Schema } = {}): unknown {
  return customResourceDefinition({ group, plural, kind: kindOf(plural) }, schema, more);
}

export const kindOf = (plural: string): string => `Kind${plural}`;

export const object = (properties: Schema, more: Schema = {}): Schema => ({ type: 'object', properties, ...more });

/** An object with these fields in its spec; its name is `$NAME`. */
export const instance = (plural: string, spec: unknown): unknown => ({
  apiVersion: `${group}/v1`,
  kind: kindOf(plural),
  metadata: { name: '$NAME' },
  spec,
});

/** Whatever may be in its spec. */
export const open: Schema = object({ spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } });

/** Installs a definition and waits until objects can be created. */
export async function define(
  world: World,
  plural: string,
  schema: Schema,
  more: { version?: Schema; spec?: Schema } = {},
): Promise<string> {
  expected(await world.ask('POST', definitionsPath, { body: definition(plural, schema, more) }), 201, plural);
  await served(world, plural);
  return collection(plural);
}

export async function served(world: World, plural: string): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const { status } = await world.ask('GET', `${collection(plural)}?limit=1`);
    if (status === 200) return;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error(`${plural} is not served`);
}
