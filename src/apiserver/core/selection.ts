// Which objects a list, a watch or a deletion of a collection means: selectors, and the index terms that find them.
import { badRequest } from '../../apimachinery/errors/api-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { parseFieldSelector, type FieldSelectorMatcher } from '../../apimachinery/selectors/fields.js';
import { quote } from '../../apimachinery/schema/problems.js';
import { parseLabelSelector, SelectorError, type LabelSelectorMatcher } from '../../apimachinery/selectors/labels.js';
import type { Kind } from '../../registry/kind.js';
import { fieldTerm, labelTerm, type ResourceStorage } from './resource-storage.js';

export interface Selection {
  /** Whether there is no selector at all. */
  readonly everything: boolean;
  /** Must hold for every object that matches, and are indexed: start from these. */
  readonly terms: readonly string[];
  /** The one name that can match (`metadata.name=x`), in the namespace if there is one. */
  readonly name: string | undefined;
  /** The one namespace that can match (`metadata.namespace=x`). */
  readonly namespace: string | undefined;
  /** Of the kind's own version. */
  matches(object: KubeObject): boolean;
}

const all: Selection = { everything: true, terms: [], name: undefined, namespace: undefined, matches: () => true };

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

/** Reads both selectors. Throws 400 for one that cannot be parsed or names a field that the kind does not select by. */
export function selectionOf(kind: Kind, labelSelector: string | undefined, fieldSelector: string | undefined): Selection {
  if (labelSelector === undefined && fieldSelector === undefined) return all;
  const labels = parsed(() => parseLabelSelector(labelSelector ?? ''));
  const fields = parsed(() => parseFieldSelector(fieldSelector ?? ''));
  const readers = readersOf(kind, fields);
  const terms: string[] = [];
  for (const { key, operator, values } of labels.requirements) {
    if ((operator === '=' || operator === '==' || operator === 'in') && values.length === 1) terms.push(labelTerm(key, values[0]!));
  }
  let name: string | undefined;
  let namespace: string | undefined;
  for (const { field, operator, value } of fields.requirements) {
    if (operator !== '=') continue;
    if (field === 'metadata.name') name = value;
    else if (field === 'metadata.namespace') namespace = value;
    else if (kind.indexedFields.includes(field) && kind.conversion === undefined) terms.push(fieldTerm(field, value));
  }
  return { everything: false, terms, name, namespace, matches: matcher(labels, fields, readers) };
}

function matcher(
  labels: LabelSelectorMatcher,
  fields: FieldSelectorMatcher,
  readers: ReadonlyMap<string, (object: KubeObject) => string>,
): (object: KubeObject) => boolean {
  const noFields = fields.requirements.length === 0;
  return (object) => {
    if (!labels.everything && !labels.matches(object.metadata.labels)) return false;
    return noFields || fields.matches((field) => readers.get(field)!(object));
  };
}

/** Where in the store everything that a selection can match is. */
export interface Place {
  readonly prefix: string;
  /** The one key there can be. */
  readonly key?: string;
}

/** Where to look in the namespace of a request ('' for all), for its name if it has one; undefined when the selection rules out everything there. */
export function placeOf(
  storage: ResourceStorage,
  { kind, namespace: asked, name = '' }: { readonly kind: Kind; readonly namespace: string; readonly name?: string },
  selection: Selection,
): Place | undefined {
  if (!kind.namespaced) {
    // Objects without a namespace have the empty one.
    if (selection.namespace !== undefined && selection.namespace !== '') return undefined;
  } else if (selection.namespace !== undefined && asked !== '' && selection.namespace !== asked) return undefined;
  const namespace = kind.namespaced && asked === '' ? (selection.namespace ?? '') : asked;
  const prefix = storage.prefix(namespace);
  const wanted = name === '' ? selection.name : name;
  if (wanted === undefined || (namespace === '' && kind.namespaced)) return { prefix };
  return { prefix, key: storage.key(namespace, wanted) };
}

const metadataFields: Readonly<Record<string, (object: KubeObject) => string>> = {
  'metadata.name': (object) => object.metadata.name,
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

function readersOf(kind: Kind, fields: FieldSelectorMatcher): ReadonlyMap<string, (object: KubeObject) => string> {
  const readers = new Map<string, (object: KubeObject) => string>();
  for (const { field } of fields.requirements) {
    const read =
      (field === 'metadata.name' || (field === 'metadata.namespace' && selectsNamespace(kind)) ? metadataFields[field] : undefined) ??
      kind.selectableFields.get(field);
    if (read === undefined) throw unknownField(kind, field);
    readers.set(field, read);
  }
  return readers;
}

/** Kinds without a namespace have the empty one, unless they say which fields they know. */
function selectsNamespace(kind: Kind): boolean {
  return kind.namespaced || (kind.selectableFields.size === 0 && kind.customSchema === undefined);
}

function unknownField(kind: Kind, field: string): Error {
  if (kind.unknownField !== undefined) return badRequest(kind.unknownField(field));
  if (kind.selectableFields.size > 0 || kind.customSchema !== undefined) return badRequest(`field label not supported: ${field}`);
  return badRequest(`${quote(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`);
}
