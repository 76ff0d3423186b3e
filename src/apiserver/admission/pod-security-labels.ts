// PodSecurity: the labels by which a namespace says what its pods may do. The pods themselves are not looked at.
// https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces
import { invalid, invalidObject, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord } from '../../apimachinery/object.js';
import type { AdmissionPlugin } from './chain.js';

const prefix = 'pod-security.kubernetes.io/';
const modes = ['enforce', 'audit', 'warn'];
const levels = ['privileged', 'baseline', 'restricted'];
const version = /^v1\.(0|[1-9]\d{0,8})$/;

function labelErrors(labels: unknown): FieldError[] {
  if (!isRecord(labels)) return [];
  return modes.flatMap((mode) => {
    const errors: FieldError[] = [];
    const level = labels[`${prefix}${mode}`];
    if (typeof level === 'string' && !levels.includes(level))
      errors.push(invalid(`metadata.labels[${prefix}${mode}]`, level, `must be one of ${levels.join(', ')}`));
    const of = labels[`${prefix}${mode}-version`];
    if (typeof of === 'string' && of !== 'latest' && !version.test(of))
      errors.push(invalid(`metadata.labels[${prefix}${mode}-version]`, of, 'must be "latest" or "v1.x"'));
    return errors;
  });
}

/** Refuses with 422 namespaces whose labels name no level or no version of the standards. */
export const podSecurityLabels: AdmissionPlugin = {
  name: 'PodSecurity',
  handles: ({ operation, kind, subresource }) =>
    (operation === 'CREATE' || operation === 'UPDATE') && kind.group === '' && kind.resource === 'namespaces' && subresource === '',
  validate: ({ object, old, kind, name }) => {
    const metadata = object?.['metadata'];
    const errors = labelErrors(isRecord(metadata) ? metadata['labels'] : undefined);
    if (errors.length === 0) return;
    // What was wrong before does not keep others from writing.
    const before = labelErrors(old?.metadata.labels);
    if (errors.every((error) => before.some(({ field, message }) => field === error.field && message === error.message))) return;
    throw invalidObject(kind, name, errors);
  },
};
