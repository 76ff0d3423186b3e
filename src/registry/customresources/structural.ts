// A version's schema as a tree that is ready to be walked with objects: what may be there, and what fills gaps.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
import { isRecord } from '../../apimachinery/object.js';
import { finish, Steps, type Work } from '../../clock/slices.js';
import type { ListType } from '../../apimachinery/schema/node.js';
import type { Schema } from '../apiextensions/schema-walk.js';

/** One place of a structural schema. */
export interface Structural {
  /** As it stands in the definition. */
  readonly schema: Schema;
  /** '' when it has none. */
  readonly type: string;
  readonly nullable: boolean;
  readonly intOrString: boolean;
  /** Fields that it does not know are kept. */
  readonly open: boolean;
  /** The value is an object of the API of its own. */
  readonly embedded: boolean;
  readonly properties: ReadonlyMap<string, Structural>;
  /** The values of free keys; `true` for any value. */
  readonly additional: Structural | boolean;
  readonly items: Structural | undefined;
  /** undefined when there is none. */
  readonly default: unknown;
  /** Whether there is a default here or below. */
  readonly hasDefaults: boolean;
  readonly listType: ListType;
  readonly mapKeys: readonly string[];
  readonly mapType: 'atomic' | 'granular' | undefined;
  /** Whether a list here or below has elements that must differ. */
  readonly hasSets: boolean;
  /** Whether an object of the API stands here or below. */
  readonly hasEmbedded: boolean;
  /** Whether rules stand here or below. */
  readonly hasRules: boolean;
}

const noProperties: ReadonlyMap<string, Structural> = new Map();

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The schema as a tree. `value` must be structural: those that are not are refused with their definition. */
export function structuralOf(value: unknown): Structural {
  return finish(structuralWork(value, new Steps()));
}

/** {@link structuralOf}, for schemas that are large. */
export function* structuralWork(value: unknown, steps: Steps): Work<Structural> {
  if (steps.due()) yield;
  const schema: Schema = isRecord(value) ? value : {};
  let properties = noProperties;
  if (isRecord(schema.properties)) {
    const made = new Map<string, Structural>();
    for (const name of Object.keys(schema.properties)) made.set(name, yield* structuralWork(schema.properties[name], steps));
    properties = made;
  }
  const items = isRecord(schema.items) ? yield* structuralWork(schema.items, steps) : undefined;
  const given = schema.additionalProperties;
  const additional = isRecord(given) ? yield* structuralWork(given, steps) : given === true;
  const children = [
    ...properties.values(),
    ...(items === undefined ? [] : [items]),
    ...(typeof additional === 'object' ? [additional] : []),
  ];
  const listType = schema['x-kubernetes-list-type'];
  const mapType = schema['x-kubernetes-map-type'];
  const keys = schema['x-kubernetes-list-map-keys'];
  const isSet = listType === 'set' || listType === 'map';
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  return {
    schema,
    type: textOf(schema.type),
    nullable: schema.nullable === true,
    intOrString: schema['x-kubernetes-int-or-string'] === true,
    open: schema['x-kubernetes-preserve-unknown-fields'] === true,
    embedded,
    properties,
    additional,
    items,
    default: schema.default,
    hasDefaults: schema.default !== undefined || children.some((child) => child.hasDefaults),
    listType: isSet ? listType : 'atomic',
    mapKeys: Array.isArray(keys) ? (keys as unknown[]).map(textOf) : [],
    mapType: mapType === 'atomic' || mapType === 'granular' ? mapType : undefined,
    hasSets: isSet || children.some((child) => child.hasSets),
    hasEmbedded: embedded || children.some((child) => child.hasEmbedded),
    hasRules: schema['x-kubernetes-validations'] !== undefined || children.some((child) => child.hasRules),
  };
}

/** What the fields of an object at this place are; undefined for a field that the schema does not know. */
export function below(place: Structural, name: string): Structural | undefined {
  return place.properties.get(name) ?? (typeof place.additional === 'object' ? place.additional : undefined);
}
