// From a custom resource definition to the kinds that it defines: one for each version that is served.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
import { createHash } from 'node:crypto';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../../openapi/types/apiextensions.v1.js';
import { apiVersionOf, type KubeObject } from '../../apimachinery/object.js';
import type { SchemaNode } from '../../apimachinery/schema/node.js';
import type { Kind, KindLifetime, SubresourceFacts } from '../kind.js';
import { columnsOf } from './columns.js';
import { conversionOf, type WebhookConversion } from './conversion.js';
import { valueAt } from './fields.js';
import type { RuleTiming } from './rules/timing.js';
import { scalePathsOf } from './scale.js';
import { customStrategy } from './strategy.js';
import { CustomVersion } from './version.js';

export interface CustomKindOptions {
  /** The node of every object's metadata. */
  readonly meta: () => SchemaNode;
  readonly lifetime: KindLifetime;
  /** The definition is being deleted: nothing new is made. */
  readonly terminating: boolean;
  /** Asks the definition's webhook for conversion, if it has one. */
  readonly webhook?: WebhookConversion | undefined;
  /** Counts how long rules take. */
  readonly timing?: RuleTiming | undefined;
}

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const lastVerbs = ['delete', 'deletecollection', 'get', 'list', 'watch'];
const subresourceVerbs = ['get', 'patch', 'update'];

/** As in discovery; clients compare it to tell whether stored objects may need migration. */
export function storageVersionHash(group: string, version: string, kind: string): string {
  return createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64');
}

function subresourcesOf(group: string, kind: string, version: CustomResourceDefinitionVersion): ReadonlyMap<string, SubresourceFacts> {
  const made = new Map<string, SubresourceFacts>();
  const { status, scale } = version.subresources ?? {};
  if (status !== undefined) made.set('status', { name: 'status', kind, group, version: version.name, verbs: subresourceVerbs });
  if (scale !== undefined)
    made.set('scale', { name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: subresourceVerbs });
  return made;
}

function selectableFieldsOf(version: CustomResourceDefinitionVersion): Kind['selectableFields'] {
  const readers = (version.selectableFields ?? []).map(({ jsonPath }) => {
    const path = jsonPath.replace(/^\./, '').split('.');
    const read = (object: KubeObject): string => {
      const value = valueAt(object, path);
      return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
    };
    return [path.join('.'), read] as const;
  });
  return new Map(readers);
}

/** `com.example.stable.v1.CronTab` of `stable.example.com`. */
function definitionOf(group: string, version: string, kind: string): string {
  return [...group.split('.').reverse(), version, kind].join('.');
}

function deprecationOf(group: string, kind: string, version: CustomResourceDefinitionVersion): string | undefined {
  if (version.deprecated !== true) return undefined;
  return version.deprecationWarning ?? `${apiVersionOf(group, version.name)} ${kind} is deprecated`;
}

/** The kinds of a definition whose names are accepted, in the order of its versions. */
export function customKinds(
  definition: CustomResourceDefinition,
  { meta, lifetime, terminating, webhook, timing }: CustomKindOptions,
): readonly Kind[] {
  const { spec, status } = definition;
  const { group } = spec;
  const names = status.acceptedNames ?? spec.names;
  const { kind, plural } = names;
  const versions = new Map(spec.versions.map((version) => [version.name, new CustomVersion(version, kind, meta, timing)]));
  const stored = versions.get(spec.versions.find(({ storage }) => storage)?.name ?? '') ?? [...versions.values()][0]!;
  return spec.versions
    .filter(({ served }) => served)
    .map((given): Kind => {
      const version = versions.get(given.name)!;
      const shown = columnsOf(given.additionalPrinterColumns);
      const selectableFields = selectableFieldsOf(given);
      return {
        group,
        version: given.name,
        kind,
        listKind: names.listKind ?? `${kind}List`,
        resource: plural,
        singular: names.singular ?? kind.toLowerCase(),
        shortNames: names.shortNames ?? [],
        categories: names.categories ?? [],
        namespaced: spec.scope === 'Namespaced',
        verbs: terminating ? lastVerbs : verbs,
        storageVersionHash: storageVersionHash(group, stored.name, kind),
        subresources: subresourcesOf(group, kind, given),
        definition: definitionOf(group, given.name, kind),
        customSchema: version.schema,
        schema: () => version.node,
        prefix: `/registry/${group}/${plural}/`,
        conversion: conversionOf({ group, version, stored, all: versions, webhook }),
        strategy: customStrategy(version),
        nameRule: 'subdomain',
        standardFinalizers: false,
        createOnUpdate: false,
        unconditionalUpdate: false,
        generation: true,
        deleteReturnsObject: false,
        orphansByDefault: false,
        selectableFields,
        indexedFields: [],
        columns: shown.columns,
        cells: (object, context) => shown.cells(object, context),
        cellsWork: (object, context) => shown.cellsWork(object, context),
        rowConditions: undefined,
        deprecation: deprecationOf(group, kind, given),
        unknownField: undefined,
        createOnly: false,
        scale: scalePathsOf(given.subresources?.scale),
        lifetime,
        ...(terminating ? { terminating } : {}),
      };
    });
}
