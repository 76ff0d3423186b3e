// The rules of a PersistentVolumeClaim's spec, also where one stands in a template.
// https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/
import type { PersistentVolumeClaimSpec, TypedLocalObjectReference, TypedObjectReference } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { fieldForbidden, invalid, notSupported, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { parseQuantity } from '../../apimachinery/quantity/quantity.js';
import { checkLabelName, checkSubdomain, needed } from '../rules/fields.js';
import { labelSelectorErrors } from '../rules/selectors.js';
import { accessModes } from './volume-text.js';

const volumeModes = ['Block', 'Filesystem'];

/** What a claim is filled from. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#volume-populators-and-data-sources */
function sourceErrors(field: string, source: TypedLocalObjectReference | TypedObjectReference | undefined): FieldError[] {
  if (source === undefined) return [];
  const { name, kind = '', apiGroup } = source;
  const errors = [...needed(`${field}.name`, name), ...needed(`${field}.kind`, kind)];
  const group = (apiGroup as string | null | undefined) ?? '';
  if (group === '' && kind !== 'PersistentVolumeClaim') {
    errors.push(invalid(field, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  }
  if (group !== '') errors.push(...checkSubdomain(`${field}.apiGroup`, group));
  const namespace = 'namespace' in source ? source.namespace : undefined;
  if (namespace) errors.push(...checkLabelName(`${field}.namespace`, namespace));
  return errors;
}

function sameSource(one: TypedLocalObjectReference, other: TypedObjectReference): boolean {
  const plain = ({ apiGroup, kind, name }: TypedLocalObjectReference): unknown => ({ apiGroup: apiGroup || '', kind, name });
  return deepEqual(plain(one), plain(other));
}

function sourcesErrors(field: string, { dataSource, dataSourceRef }: Partial<PersistentVolumeClaimSpec>): FieldError[] {
  const errors = [...sourceErrors(`${field}.dataSource`, dataSource), ...sourceErrors(`${field}.dataSourceRef`, dataSourceRef)];
  if (dataSourceRef === undefined || dataSource === undefined) return errors;
  if (dataSourceRef.namespace) errors.push(invalid(field, {}, 'may not be specified when dataSourceRef.namespace is specified'));
  else if (!sameSource(dataSource, dataSourceRef)) errors.push(invalid(field, {}, 'must match dataSourceRef'));
  return errors;
}

/** The broken rules of a claim's spec at `field`. */
export function claimSpecErrors(field: string, spec: Partial<PersistentVolumeClaimSpec> | undefined): FieldError[] {
  const { accessModes: modes = [], resources, storageClassName, volumeMode, volumeAttributesClassName } = spec ?? {};
  const errors: FieldError[] = [];
  if (modes.length === 0) errors.push(required(`${field}.accessModes`, 'at least 1 access mode is required'));
  errors.push(...labelSelectorErrors(`${field}.selector`, spec?.selector));
  for (const mode of modes) if (!accessModes.includes(mode)) errors.push(notSupported(`${field}.accessModes`, mode, accessModes));
  if (modes.length > 1 && modes.includes('ReadWriteOncePod') && modes.every((mode) => accessModes.includes(mode))) {
    errors.push(fieldForbidden(`${field}.accessModes`, 'may not use ReadWriteOncePod with other access modes'));
  }
  const at = `${field}.resources[storage]`;
  const storage = resources?.requests?.['storage'];
  if (storage === undefined) errors.push(required(at));
  else if (parseQuantity(storage).nano <= 0n) errors.push(invalid(at, String(storage), 'must be greater than zero'));
  if (storageClassName) errors.push(...checkSubdomain(`${field}.storageClassName`, storageClassName));
  if (volumeMode !== undefined && !volumeModes.includes(volumeMode)) {
    errors.push(notSupported(`${field}.volumeMode`, volumeMode, volumeModes));
  }
  if (spec !== undefined) errors.push(...sourcesErrors(field, spec));
  if (volumeAttributesClassName) errors.push(...checkSubdomain(`${field}.volumeAttributesClassName`, volumeAttributesClassName));
  return errors;
}
