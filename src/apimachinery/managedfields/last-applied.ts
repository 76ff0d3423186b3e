// The way from client-side to server-side apply: what kubectl wrote down counts as its own.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#migration-between-client-side-and-server-side-apply
import { isRecord } from '../object.js';
import { compareObjects } from './compare.js';
import { difference, emptySet, withoutBelow, type FieldSet } from './field-set.js';
import { setOf } from './set-of.js';
import { structureOf } from './structure.js';
import type { SchemaNode } from '../schema/node.js';

/** The manager for which all this holds. */
export const kubectlManager = 'kubectl';
const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

function annotationsOf(object: unknown): Readonly<Record<string, unknown>> | undefined {
  const metadata = isRecord(object) ? object['metadata'] : undefined;
  const annotations = isRecord(metadata) ? metadata['annotations'] : undefined;
  return isRecord(annotations) ? annotations : undefined;
}

/** The fields that client-side apply set and that nobody changed since; the empty set when there is no readable annotation. */
export function lastAppliedFields(node: SchemaNode, live: unknown): FieldSet {
  const text = annotationsOf(live)?.[annotation];
  if (typeof text !== 'string') return emptySet;
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    return emptySet;
  }
  const { changed, removed } = compareObjects(structureOf(node), config, live);
  return withoutBelow(difference(setOf(node, config), changed), removed);
}

/** `object` with the annotation renewed to `config`, when it has one; client-side apply would otherwise undo what was applied since. */
export function renewLastApplied(object: unknown, config: unknown): unknown {
  const annotations = annotationsOf(object);
  if (!isRecord(object) || annotations?.[annotation] === undefined) return object;
  const text = `${sortedJson(withoutAnnotation(config))}\n`;
  if (text === annotations[annotation]) return object;
  return { ...object, metadata: { ...(object['metadata'] as object), annotations: { ...annotations, [annotation]: text } } };
}

function withoutAnnotation(config: unknown): unknown {
  const annotations = annotationsOf(config);
  if (!isRecord(config) || annotations?.[annotation] === undefined) return config;
  const { [annotation]: _, ...rest } = annotations;
  return { ...config, metadata: { ...(config['metadata'] as object), annotations: rest } };
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  return `{${Object.keys(value)
    .sort()
    .filter((name) => value[name] !== undefined)
    .map((name) => `${JSON.stringify(name)}:${sortedJson(value[name])}`)
    .join(',')}}`;
}
