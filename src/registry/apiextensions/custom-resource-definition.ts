// Custom resource definitions: what their strategy does. Serving the resources is the work of others.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
import type { CustomResourceDefinition } from '../../../openapi/types/apiextensions.v1.js';
import { invalid, required } from '../../apimachinery/errors/field-error.js';
import type { Draft, KubeObject, Mutable } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';
import { finish, inSlices, Steps, type Work } from '../../clock/slices.js';
import type { KindDefinition } from '../kind.js';
import { defaultsOf } from '../rules/defaults.js';
import { immutable, type Errors } from '../rules/fields.js';
import { keepField } from '../rules/status.js';
import { parseUrl } from '../rules/urls.js';
import { unknownFormats } from './extension-rules.js';
import { definitionHold } from './deletion.js';
import { preserveErrors, specErrors } from './rules.js';
import { boundedSchema } from './schema-walk.js';

type Definition = Draft<CustomResourceDefinition>;

const approvalAnnotation = 'api-approved.kubernetes.io';

function storageVersions(definition: Definition): readonly string[] {
  return (definition.spec?.versions ?? []).filter(({ storage }) => storage === true).map(({ name }) => name ?? '');
}

/** Every version that was ever stored stays listed until someone migrates the data. */
function withStorageVersion(stored: readonly string[], definition: Definition): readonly string[] {
  const [version] = storageVersions(definition);
  return version === undefined || stored.includes(version) ? stored : [...stored, version];
}

function prepareForCreate(draft: Mutable): void {
  const storedVersions = withStorageVersion([], draft);
  draft.status = {
    conditions: null,
    acceptedNames: { plural: '', kind: '' },
    storedVersions: storedVersions.length === 0 ? null : storedVersions,
  };
}

function prepareForUpdate(draft: Mutable, old: KubeObject): void {
  keepField(draft, old, 'status');
  if (!isRecord(draft.status)) return;
  const before = (old as Definition).status?.storedVersions ?? [];
  const storedVersions = withStorageVersion(before, draft);
  if (storedVersions !== before) draft.status = { ...draft.status, storedVersions };
}

function nameErrors({ metadata, spec }: Definition): Errors {
  const expected = `${spec?.names?.plural ?? ''}.${spec?.group ?? ''}`;
  // What is wrong with the name as a name is told before.
  if ((metadata?.name ?? '') === '') return [];
  return metadata?.name === expected ? [] : [invalid('metadata.name', metadata?.name ?? '', 'must be spec.names.plural+"."+spec.group')];
}

function isLink(text: string): boolean {
  const url = parseUrl(text);
  return typeof url !== 'string' && url.scheme !== '' && url.host !== '';
}

/** Groups of the Kubernetes project need its approval. https://github.com/kubernetes/enhancements/pull/1111 */
function approvalErrors({ metadata, spec }: Definition): Errors {
  const group = spec?.group ?? '';
  const isProtected = ['k8s.io', 'kubernetes.io'].some((domain) => group === domain || group.endsWith(`.${domain}`));
  if (!isProtected) return [];
  const field = `metadata.annotations[${approvalAnnotation}]`;
  const approval = metadata?.annotations?.[approvalAnnotation] ?? '';
  if (approval.startsWith('unapproved') || isLink(approval)) return [];
  if (approval !== '') {
    const why = `protected groups must have approval annotation "${approvalAnnotation}" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`;
    return [invalid(field, approval, why)];
  }
  const why = `protected groups must have approval annotation "${approvalAnnotation}", see https://github.com/kubernetes/enhancements/pull/1111`;
  return [required(field, why)];
}

function storedVersionErrors(definition: Definition): Errors {
  const field = 'status.storedVersions';
  const stored = definition.status?.storedVersions ?? [];
  if (stored.length === 0) return [invalid(field, null, 'must have at least one stored version')];
  const names = new Set((definition.spec?.versions ?? []).map(({ name }) => name));
  return [
    ...storageVersions(definition)
      .filter((version) => !stored.includes(version))
      .map((version) => invalid(field, stored, `must have the storage version ${version}`)),
    ...stored.flatMap((version, index) => {
      if (names.has(version)) return [];
      const why = `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`;
      return [invalid(`${field}[${index}]`, version, why)];
    }),
  ];
}

function established(definition: Definition): boolean {
  return (definition.status?.conditions ?? []).some(({ type, status }) => type === 'Established' && status === 'True');
}

/** Group and plural never change; scope and kind not once the resource is served. */
function validateUpdate(now: Definition, before: Definition): Errors {
  const errors: Errors[number][] = [];
  const served = established(before);
  if (served) errors.push(...immutable('spec.scope', now.spec?.scope, before.spec?.scope));
  if (served) errors.push(...immutable('spec.names.kind', now.spec?.names?.kind, before.spec?.names?.kind));
  errors.push(...immutable('spec.group', now.spec?.group, before.spec?.group));
  errors.push(...immutable('spec.names.plural', now.spec?.names?.plural, before.spec?.names?.plural));
  return errors;
}

function* warnings(definition: Definition): Work<readonly string[]> {
  const unknown = new Set<string>();
  const steps = new Steps();
  for (const { schema } of definition.spec?.versions ?? [])
    for (const format of yield* unknownFormats(boundedSchema(schema?.openAPIV3Schema), steps)) unknown.add(format);
  return [...unknown].map((format) => `unrecognized format ${JSON.stringify(format)}`);
}

interface Findings {
  readonly errors: Errors;
  readonly warnings: readonly string[];
}

/** What was found of definitions that are about to be written: a memo, not state. */
const found = new WeakMap<object, Findings>();

function* look(object: KubeObject): Work<Findings> {
  const definition = object as Definition;
  const errors = [
    ...(yield* specErrors(definition.spec ?? {})),
    ...approvalErrors(definition),
    ...storedVersionErrors(definition),
    ...preserveErrors(definition.spec ?? {}),
  ];
  return { errors, warnings: errors.length > 0 ? [] : yield* warnings(definition) };
}

function findingsOf(object: KubeObject): Findings {
  return found.get(object) ?? finish(look(object));
}

const fillIn = defaultsOf([
  ['spec.names.singular', ({ kind }) => (typeof kind === 'string' && kind !== '' ? kind.toLowerCase() : undefined)],
  ['spec.names.listKind', ({ kind }) => (typeof kind === 'string' && kind !== '' ? `${kind}List` : undefined)],
  ['spec.conversion', () => ({ strategy: 'None' })],
  ['spec.conversion.webhook.clientConfig.service.port', 443],
]);

/** A webhook without anything is none. */
function applyDefaults(draft: Mutable): void {
  fillIn(draft);
  const conversion = isRecord(draft.spec) ? draft.spec.conversion : undefined;
  if (isRecord(conversion) && isRecord(conversion.webhook) && Object.keys(conversion.webhook).length === 0) delete conversion.webhook;
}

export const customResourceDefinition: KindDefinition = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
  storage: 'apiextensions.k8s.io/customresourcedefinitions',
  unconditionalUpdate: false,
  generation: true,
  standardFinalizers: false,
  deletionHold: definitionHold,
  strategy: {
    applyDefaults,
    prepareForCreate,
    prepareForUpdate,
    prepareForStatusUpdate: (draft, old) => {
      keepField(draft, old, 'spec');
      if (!isRecord(draft.status)) return;
      const stored = (draft as Definition).status?.storedVersions ?? [];
      // There is always one.
      if (stored.length === 0) draft.status = { ...draft.status, storedVersions: withStorageVersion([], draft) };
    },
    validateCreate: (object) => nameErrors(object),
    // A schema may be of megabytes.
    validateAhead: (object, _old, subresource) => {
      if (subresource !== '') return undefined;
      const ahead = inSlices(look(object));
      const keep = (findings: Findings): void => void found.set(object, findings);
      if (ahead instanceof Promise) return ahead.then(keep);
      keep(ahead);
      return undefined;
    },
    validate: (object) => findingsOf(object).errors,
    validateUpdate: (object, old) => validateUpdate(object, old),
    warnings: (object) => findingsOf(object).warnings,
  },
};
