// Rules of the spec of a custom resource definition.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
import { isDeepStrictEqual } from 'node:util';
import type {
  CustomResourceConversion,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../../../openapi/types/apiextensions.v1.js';
import { fieldForbidden, invalid, required } from '../../apimachinery/errors/field-error.js';
import { label1035Problems, subdomainProblems } from '../../apimachinery/names/names.js';
import type { Draft } from '../../apimachinery/object.js';
import { Steps, type Work } from '../../clock/slices.js';
import { structuralWork } from '../customresources/structural.js';
import { check, checkLabel1035, each, needed, oneOf, type Errors } from '../rules/fields.js';
import { clientConfigErrors, reviewVersionErrors } from '../rules/webhooks.js';
import { celErrors } from './cel-rules.js';
import { defaultErrors } from './default-rules.js';
import { extensionErrors } from './extension-rules.js';
import { boundedSchema, boundedWork } from './schema-walk.js';
import { hasDefaults, structuralErrors } from './structural.js';
import { unsupportedErrors } from './unsupported.js';
import { selectableFieldsErrors, unsharedFieldsErrors } from './selectable-fields.js';
import { columnErrors, scaleErrors } from './version-rules.js';

type Version = Draft<CustomResourceDefinitionVersion>;

function groupErrors(field: string, group: string): Errors {
  const errors = check(field, group, subdomainProblems);
  return errors.length > 0 || group.includes('.') ? errors : [invalid(field, group, 'should be a domain with at least one dot')];
}

/** The parts that versions may have in common; the messages then name the place that all share. */
type SharedPart = 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields';

function uniform(versions: readonly Version[], part: SharedPart): boolean {
  return versions.every((version) => isDeepStrictEqual(version[part], versions[0]?.[part]));
}

function shownVersions(versions: readonly Version[]): unknown {
  const shown = (version: Version, part: SharedPart): unknown => (uniform(versions, part) ? null : (version[part] ?? null));
  return versions.map((version) => ({
    Name: version.name ?? '',
    Served: version.served ?? false,
    Storage: version.storage ?? false,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: shown(version, 'schema'),
    Subresources: shown(version, 'subresources'),
    AdditionalPrinterColumns: shown(version, 'additionalPrinterColumns'),
    SelectableFields: shown(version, 'selectableFields'),
  }));
}

/** Schemas that say what none may say are not looked at for their structure. */
function* schemaErrors(field: string, value: unknown): Work<Errors> {
  const steps = new Steps();
  const schema = yield* boundedWork(value, steps);
  if (schema === undefined) return [];
  const unsupported = yield* unsupportedErrors(field, schema, steps);
  const structure = unsupported.length > 0 ? unsupported : yield* structuralErrors(field, schema, steps);
  const root = structure.length > 0 ? undefined : yield* structuralWork(schema, steps);
  return [
    ...structure,
    ...(root === undefined ? [] : yield* defaultErrors(field, root)),
    ...(yield* extensionErrors(field, schema, steps)),
    ...(root === undefined ? [] : yield* celErrors(field, root)),
  ];
}

const longestWarning = 256;

function warningErrors(field: string, { deprecationWarning: warning, deprecated }: Version): Errors {
  if (warning === undefined) return [];
  const path = `${field}.deprecationWarning`;
  if (deprecated !== true) return [invalid(path, warning, 'can only be set for deprecated versions')];
  if (warning === '') return [invalid(path, warning, 'must not be an empty string')];
  const errors: Errors[number][] = [];
  if (Buffer.byteLength(warning) > longestWarning) errors.push(invalid(path, warning, `must be <= ${longestWarning} characters long`));
  const hidden = [...warning].findIndex((character) => character !== ' ' && /[\p{C}\p{Z}]/u.test(character));
  if (hidden >= 0) {
    const index = Buffer.byteLength([...warning].slice(0, hidden).join(''));
    errors.push(invalid(path, warning, `must only contain printable UTF-8 characters; non-printable character found at index ${index}`));
  }
  return errors;
}

function versionErrors(field: string, version: Version): Errors {
  return [
    ...(version.schema?.openAPIV3Schema === undefined ? [required(`${field}.schema.openAPIV3Schema`)] : []),
    ...checkLabel1035(`${field}.name`, version.name ?? ''),
    ...warningErrors(field, version),
  ];
}

/** The rules of what a version serves; the parts that all share are checked once, at the spec. */
function* servedErrors(version: Version, index: number, versions: readonly Version[]): Work<Errors> {
  const place = (part: SharedPart, name: string): string | undefined => {
    if (!uniform(versions, part)) return `spec.versions[${index}].${part === 'schema' ? 'schema' : name}`;
    return index > 0 ? undefined : `spec.${name}`;
  };
  const schema = place('schema', 'validation');
  const columns = place('additionalPrinterColumns', 'additionalPrinterColumns');
  const subresources = place('subresources', 'subresources');
  const fields = place('selectableFields', 'selectableFields');
  const root = version.schema?.openAPIV3Schema;
  // The real server looks for the fields in the version's own schema, which a schema that all share is not.
  const apart = fields !== undefined && fields !== 'spec.selectableFields' && uniform(versions, 'schema');
  return [
    ...(schema === undefined || root === undefined ? [] : yield* schemaErrors(`${schema}.openAPIV3Schema`, root)),
    ...(subresources === undefined ? [] : scaleErrors(`${subresources}.scale`, version.subresources?.scale)),
    ...(columns === undefined ? [] : each(columns, version.additionalPrinterColumns, columnErrors)),
    ...(fields === undefined
      ? []
      : apart
        ? unsharedFieldsErrors(fields, version.selectableFields)
        : selectableFieldsErrors(fields, version.selectableFields, root)),
  ];
}

function versionsErrors(given: readonly Version[] | null | undefined): Errors {
  const versions = given ?? [];
  const errors = [...each('spec.versions', versions, versionErrors)];
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    errors.push(invalid('spec.versions', shownVersions(versions), 'must contain unique version names'));
  }
  if (versions.filter(({ storage }) => storage === true).length !== 1) {
    errors.push(
      invalid(
        'spec.versions',
        given === undefined || given === null ? null : shownVersions(versions),
        'must have exactly one version marked as storage version',
      ),
    );
  }
  const first = versions[0]?.name;
  if (first !== undefined && first !== '') errors.push(...checkLabel1035('spec.version', first));
  return errors;
}

function namesErrors(names: Draft<CustomResourceDefinitionNames>): Errors {
  const { plural, singular, kind, listKind, shortNames, categories } = names;
  const kindName = (field: string, value: string): Errors =>
    label1035Problems(value.toLowerCase()).map((why) => invalid(field, value, `may have mixed case, but should otherwise match: ${why}`));
  const errors = [
    ...needed('spec.names.plural', plural, checkLabel1035),
    ...needed('spec.names.singular', singular, checkLabel1035),
    ...needed('spec.names.kind', kind, kindName),
    ...each('spec.names.shortNames', shortNames, checkLabel1035),
    ...needed('spec.names.listKind', listKind, kindName),
  ];
  if (kind !== undefined && kind !== '' && kind === listKind) {
    errors.push(invalid('spec.names.listKind', listKind, 'kind and listKind may not be the same'));
  }
  return [...errors, ...each('spec.names.categories', categories, checkLabel1035)];
}

function conversionErrors(conversion: Draft<CustomResourceConversion> | undefined, preserve: boolean): Errors {
  if (conversion === undefined) return [];
  const { strategy, webhook } = conversion;
  const config = 'spec.conversion.webhookClientConfig';
  const versions = 'spec.conversion.conversionReviewVersions';
  if (strategy !== 'Webhook') {
    const path = 'spec.conversion.strategy';
    const errors: Errors[number][] = [];
    if (preserve && strategy !== 'None') errors.push(invalid(path, strategy ?? '', 'must be None if spec.preserveUnknownFields is true'));
    errors.push(...needed(path, strategy, (place, value) => oneOf(place, value, ['None', 'Webhook'])));
    const text = 'should not be set when strategy is not set to Webhook';
    if (webhook?.clientConfig !== undefined) errors.push(fieldForbidden(config, text));
    if ((webhook?.conversionReviewVersions ?? []).length > 0) errors.push(fieldForbidden(versions, text));
    return errors;
  }
  const list = webhook?.conversionReviewVersions ?? [];
  return [
    ...(webhook?.clientConfig === undefined
      ? [required(config, 'required when strategy is set to Webhook')]
      : clientConfigErrors(config, webhook.clientConfig)),
    ...(list.length === 0 ? [required(versions)] : reviewVersionErrors(versions, list)),
  ];
}

/** Unknown fields are kept by schemas alone; told after all else. */
export function preserveErrors(spec: Draft<CustomResourceDefinitionSpec>): Errors {
  if (spec.preserveUnknownFields !== true) return [];
  const field = 'spec.preserveUnknownFields';
  const errors: Errors[number][] = [];
  if (
    (spec.versions ?? []).some(({ schema }) => schema?.openAPIV3Schema !== undefined && hasDefaults(boundedSchema(schema.openAPIV3Schema)))
  ) {
    errors.push(invalid(field, true, 'must be false in order to use defaults in the schema'));
  }
  errors.push(
    invalid(field, true, 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'),
  );
  return errors;
}

/** The broken rules of a definition's spec. */
export function* specErrors(spec: Draft<CustomResourceDefinitionSpec>): Work<Errors> {
  const versions = spec.versions ?? [];
  const served: Errors[number][] = [];
  for (const [index, version] of versions.entries()) {
    yield;
    served.push(...(yield* servedErrors(version, index, versions)));
  }
  return [
    ...needed('spec.group', spec.group, groupErrors),
    ...needed('spec.scope', spec.scope, (field, scope) => oneOf(field, scope, ['Cluster', 'Namespaced'])),
    ...versionsErrors(spec.versions),
    ...served,
    ...namesErrors(spec.names ?? {}),
    ...conversionErrors(spec.conversion, spec.preserveUnknownFields === true),
  ];
}
