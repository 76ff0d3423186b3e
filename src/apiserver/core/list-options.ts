// Which options of lists and watches go together. https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list
import { fieldForbidden, invalidObject, notSupported, type FieldError } from '../../apimachinery/errors/field-error.js';
import type { RequestOptions } from './api-request.js';

/** Throws 422 with the real server's causes. */
export function validateListOptions(options: RequestOptions, watch: boolean): void {
  const { resourceVersion, resourceVersionMatch: match, sendInitialEvents } = options;
  if (match === undefined && sendInitialEvents === undefined) return;
  const errors: FieldError[] = watch ? watchErrors(options) : [];
  if (!watch) {
    if (match !== undefined) {
      if (resourceVersion === undefined)
        errors.push(fieldForbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
      if (options.continue !== undefined)
        errors.push(fieldForbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
      if (match !== 'Exact' && match !== 'NotOlderThan')
        errors.push(notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']));
      if (match === 'Exact' && resourceVersion === '0')
        errors.push(fieldForbidden('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
    if (sendInitialEvents !== undefined) errors.push(fieldForbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
}

function watchErrors({ resourceVersionMatch: match, sendInitialEvents }: RequestOptions): FieldError[] {
  const errors: FieldError[] = [];
  if (match !== undefined) {
    if (sendInitialEvents === undefined) {
      errors.push(
        fieldForbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
      );
    }
    if (match !== 'NotOlderThan') errors.push(notSupported('resourceVersionMatch', match, ['NotOlderThan']));
  }
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(fieldForbidden('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  return errors;
}
