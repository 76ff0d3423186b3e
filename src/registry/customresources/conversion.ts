// How objects of a custom resource come out of and go into the store.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/
import { internalError } from '../../apimachinery/errors/api-error.js';
import { apiVersionOf, parseApiVersion, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import type { Kind } from '../kind.js';
import type { CustomVersion } from './version.js';

/** Converts objects of one version to another by asking somebody else; rejects with ApiError. As many come out, in the same order. */
export type WebhookConversion = (objects: readonly KubeObject[], apiVersion: string) => Promise<readonly KubeObject[]>;

export interface ConversionFacts {
  readonly group: string;
  readonly version: CustomVersion;
  readonly stored: CustomVersion;
  readonly all: ReadonlyMap<string, CustomVersion>;
  readonly webhook: WebhookConversion | undefined;
}

/** A stored object as the schema of its own version takes it, and that version. */
function settle(object: KubeObject, all: ConversionFacts['all']): readonly [object: KubeObject, from: CustomVersion | undefined] {
  const from = all.get(parseApiVersion(object.apiVersion).version);
  return [from === undefined ? object : from.settled(object), from];
}

export function conversionOf(facts: ConversionFacts): NonNullable<Kind['conversion']> {
  const { group, version, stored, all, webhook } = facts;
  const storedAs = { group, version: stored.name };
  if (webhook !== undefined) return { ...throughWebhook(facts, webhook), storedAs };
  // Nothing but the apiVersion changes.
  const convert = (object: KubeObject, to: CustomVersion): KubeObject => to.pruned({ ...object, apiVersion: apiVersionOf(group, to.name) });
  return {
    fromStored: (object) => {
      const [settled, from] = settle(object, all);
      return from === version ? settled : convert(settled, version);
    },
    toStored: (draft) => (version === stored ? draft : (convert(draft as unknown as KubeObject, stored) as unknown as Mutable)),
    storedAs,
  };
}

function throughWebhook(
  { group, version, stored, all }: ConversionFacts,
  webhook: WebhookConversion,
): Omit<NonNullable<Kind['conversion']>, 'storedAs'> {
  /** What the webhook made of stored objects: it goes with them. */
  const known = new WeakMap<KubeObject, KubeObject>();
  const apiVersion = apiVersionOf(group, version.name);
  const prepare = async (missing: readonly KubeObject[]): Promise<void> => {
    // Those of one version at a time.
    const byVersion = new Map<string, KubeObject[]>();
    for (const object of missing) {
      const same = byVersion.get(object.apiVersion);
      if (same === undefined) byVersion.set(object.apiVersion, [object]);
      else same.push(object);
    }
    for (const objects of byVersion.values()) {
      const converted = await webhook(
        objects.map((object) => settle(object, all)[0]),
        apiVersion,
      );
      objects.forEach((object, index) => known.set(object, withVersionOf(version.pruned(converted[index]!), object)));
    }
  };
  return {
    prepare: (objects) => {
      const missing = objects.filter((object) => object.apiVersion !== apiVersion && !known.has(object));
      return missing.length === 0 ? undefined : prepare(missing);
    },
    fromStored: (object) => {
      if (object.apiVersion === apiVersion) return version.settled(object);
      const converted = known.get(object);
      if (converted === undefined) throw internalError(`an object of ${object.apiVersion} is not converted to ${apiVersion}`);
      return converted;
    },
    toStored: (draft) => draft,
    store: async (draft) => {
      if (version === stored) return draft;
      const [converted] = await webhook([draft as unknown as KubeObject], apiVersionOf(group, stored.name));
      return stored.pruned(converted!) as unknown as Mutable;
    },
  };
}

/** The webhook does not see the revision. */
function withVersionOf(converted: KubeObject, { metadata: { resourceVersion } }: KubeObject): KubeObject {
  return { ...converted, metadata: { ...converted.metadata, resourceVersion } };
}
