// The rules for metadata, at creation and when an object changes.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
import { fieldForbidden, invalid, required, tooLong, type FieldError } from '../errors/field-error.js';
import { eachApart } from '../../clock/apart.js';
import { parseApiVersion, type Draft, type ObjectMeta, type OwnerReference } from '../object.js';
import {
  label1035Problems,
  labelNameProblems,
  labelValueProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
  subdomainProblems,
} from './names.js';

export type NameRuleName = 'subdomain' | 'label' | 'label1035' | 'path' | 'any';

export interface ObjectMetaRules {
  readonly namespaced: boolean;
  readonly nameRule: NameRuleName;
  /** Whether a finalizer without a prefix must be a standard one. True for most kinds (the default), false for Leases and custom resources and their definitions. */
  readonly standardFinalizers?: boolean;
}

const rules: Readonly<Record<NameRuleName, (value: string) => readonly string[]>> = {
  subdomain: subdomainProblems,
  label: labelNameProblems,
  label1035: label1035Problems,
  path: pathSegmentProblems,
  any: () => [],
};

/** Labels or annotations. */
type LabelMap = Readonly<Record<string, string | undefined>>;

const annotationsLimit = 256 * 1024;
const standardFinalizers: readonly string[] = ['kubernetes', 'orphan', 'foregroundDeletion'];
const immutable = 'field is immutable';

/** The broken rules of `metadata` at creation, in the real server's order. `meta.name` must be filled in by generateName before. */
export function validateObjectMeta(
  meta: Draft<ObjectMeta>,
  { namespaced, nameRule, standardFinalizers: standard = true }: ObjectMetaRules,
): FieldError[] {
  const errors: FieldError[] = [];
  const nameProblems = rules[nameRule];
  if (meta.generateName) {
    for (const why of nameProblems(maskedTrail(meta.generateName, nameRule)))
      errors.push(invalid('metadata.generateName', meta.generateName, why));
  }
  if (!meta.name) errors.push(required('metadata.name', 'name or generateName is required'));
  else for (const why of nameProblems(meta.name)) errors.push(invalid('metadata.name', meta.name, why));
  if (namespaced) {
    if (!meta.namespace) errors.push(required('metadata.namespace'));
    else for (const why of labelNameProblems(meta.namespace)) errors.push(invalid('metadata.namespace', meta.namespace, why));
  } else if (meta.namespace) errors.push(fieldForbidden('metadata.namespace', 'not allowed on this type'));
  errors.push(...validateCommon(meta));
  if (meta.finalizers) errors.push(...validateFinalizers(meta.finalizers));
  if (standard) errors.push(...unknownFinalizers(meta.finalizers ?? []));
  return errors;
}

/** A generated name may end in what comes before its suffix: `my-app-`. */
function maskedTrail(prefix: string, rule: NameRuleName): string {
  return rule !== 'path' && rule !== 'any' && prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -1)}a` : prefix;
}

function validateCommon(meta: Draft<ObjectMeta>): FieldError[] {
  const errors: FieldError[] = [];
  if ((meta.generation ?? 0) < 0) errors.push(invalid('metadata.generation', meta.generation, 'must be greater than or equal to 0'));
  if (meta.labels) errors.push(...validateLabels(meta.labels, 'metadata.labels'));
  if (meta.annotations) errors.push(...validateAnnotations(meta.annotations, 'metadata.annotations'));
  if (meta.ownerReferences) errors.push(...validateOwners(meta.ownerReferences));
  return errors;
}

/** Rules of `metadata.labels` and of label maps elsewhere (`spec.template.metadata.labels`); `field` is the path of the map. */
export function validateLabels(labels: LabelMap | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const map = labels ?? {};
  const keys = Object.keys(map);
  eachApart(field, keys.length, errors, (index) => {
    const key = keys[index]!;
    for (const why of qualifiedNameProblems(key)) errors.push(invalid(field, key, why));
    const value = map[key] ?? '';
    for (const why of labelValueProblems(value)) errors.push(invalid(field, value, why));
  });
  return errors;
}

/** Rules of annotations: keys (of any case), and 256 KiB in all. */
export function validateAnnotations(annotations: LabelMap | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  const map = annotations ?? {};
  const keys = Object.keys(map);
  eachApart(field, keys.length, errors, (index) => {
    const key = keys[index]!;
    for (const why of qualifiedNameProblems(key.toLowerCase())) errors.push(invalid(field, key, why));
  });
  for (const key of keys) size += Buffer.byteLength(key) + Buffer.byteLength(map[key] ?? '');
  if (size > annotationsLimit) errors.push(tooLong(field, annotationsLimit));
  return errors;
}

const owners = 'metadata.ownerReferences';

/** So many more controllers than one are told of: each time the whole list is, and so much text is no answer to anything. */
const mostControllers = 10;

function validateOwners(references: readonly Draft<OwnerReference>[]): FieldError[] {
  const errors: FieldError[] = [];
  let controller: Draft<OwnerReference> | undefined;
  let more = 0;
  for (const reference of references) {
    errors.push(...validateOwner(reference));
    if (reference.controller !== true) continue;
    if (controller === undefined) controller = reference;
    else if (++more <= mostControllers) {
      const both = `${controller.kind}/${controller.name} and ${reference.kind}/${reference.name}`;
      errors.push(
        invalid(owners, references, `Only one reference can have Controller set to true. Found "true" in references for ${both}`),
      );
    }
  }
  return errors;
}

function validateOwner(reference: Draft<OwnerReference>): FieldError[] {
  const errors: FieldError[] = [];
  const { group, version } = parseApiVersion(reference.apiVersion ?? '');
  if (version === '' || version.includes('/'))
    errors.push(invalid(`${owners}.apiVersion`, reference.apiVersion ?? '', 'version must not be empty'));
  for (const part of ['kind', 'name', 'uid'] as const) {
    if (!reference[part]) errors.push(invalid(`${owners}.${part}`, reference[part] ?? '', 'must not be empty'));
  }
  if (group === '' && version === 'v1' && reference.kind === 'Event') {
    errors.push(invalid(owners, reference, '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

function validateFinalizers(finalizers: readonly string[]): FieldError[] {
  const field = 'metadata.finalizers';
  const errors: FieldError[] = [];
  eachApart(field, finalizers.length, errors, (index) => {
    const finalizer = finalizers[index]!;
    for (const why of qualifiedNameProblems(finalizer)) errors.push(invalid(field, finalizer, why));
  });
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

function unknownFinalizers(finalizers: readonly string[]): FieldError[] {
  return finalizers.flatMap((finalizer, index) =>
    finalizer.includes('/') || standardFinalizers.includes(finalizer)
      ? []
      : [invalid(`metadata.finalizers[${index}]`, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')],
  );
}

/**
 * The broken rules of a change from `old` to `meta`: those of labels, annotations and owners as at creation, then those of the change;
 * the form of finalizers is looked at with the rules of creation. Expects the caller to have kept from `old` what the server keeps
 * silently (creationTimestamp, generation, uid when absent).
 */
export function validateObjectMetaUpdate(meta: Draft<ObjectMeta>, old: Draft<ObjectMeta>): FieldError[] {
  const errors = validateCommon(meta);
  const deleting = old.deletionTimestamp !== undefined && old.deletionTimestamp !== null;
  if (deleting) errors.push(...newFinalizers(meta.finalizers ?? [], old.finalizers ?? []));
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp'] as const) {
    if (meta[field] !== undefined && meta[field] !== old[field]) errors.push(invalid(`metadata.${field}`, meta[field], immutable));
  }
  // An object once marked for deletion keeps its time; the server puts it back without a word.
  if (!deleting && meta.deletionTimestamp) errors.push(invalid('metadata.deletionTimestamp', meta.deletionTimestamp, immutable));
  const grace = meta.deletionGracePeriodSeconds;
  if (grace !== undefined && grace !== null && grace !== old.deletionGracePeriodSeconds) {
    errors.push(invalid('metadata.deletionGracePeriodSeconds', grace, immutable));
  }
  return errors;
}

function newFinalizers(now: readonly string[], before: readonly string[]): FieldError[] {
  const added = now.filter((finalizer) => !before.includes(finalizer)).sort();
  if (added.length === 0) return [];
  const list = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
  return [
    fieldForbidden(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
    ),
  ];
}
