// Which options of lists and watches go together. https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list
import { fieldForbidden, invalidObject, notSupported, type FieldError } from '../../apimachinery/errors/field-error.js';
import type { RequestOptions } from './api-request.js';

const match = 'resourceVersionMatch';

/** Throws 422 with the real server's causes. */
export function validateListOptions(options: RequestOptions, watch: boolean): void {
  if (options.resourceVersionMatch === undefined && options.sendInitialEvents === undefined && (!watch || options.continue === undefined))
    return;
  const errors = watch ? watchErrors(options) : listErrors(options);
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
}

function listErrors(options: RequestOptions): FieldError[] {
  const { resourceVersion, resourceVersionMatch: given, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  if (given !== undefined) {
    if (resourceVersion === undefined)
      errors.push(fieldForbidden(match, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    errors.push(...continueErrors(options));
    if (given !== 'Exact' && given !== 'NotOlderThan') errors.push(notSupported(match, given, ['Exact', 'NotOlderThan', '']));
    if (given === 'Exact' && resourceVersion === '0')
      errors.push(fieldForbidden(match, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (sendInitialEvents !== undefined) errors.push(fieldForbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return errors;
}

function watchErrors(options: RequestOptions): FieldError[] {
  const { resourceVersionMatch: given, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && given !== 'NotOlderThan')
    errors.push(fieldForbidden(match, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  if (sendInitialEvents === undefined && given !== undefined)
    errors.push(fieldForbidden(match, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
  if (given !== undefined && given !== 'NotOlderThan') errors.push(notSupported(match, given, ['NotOlderThan']));
  // As the real server does: nothing is said of the token when the match is missing already.
  return sendInitialEvents !== undefined && given === undefined ? errors : [...errors, ...continueErrors(options)];
}

function continueErrors({ continue: next }: RequestOptions): FieldError[] {
  return next === undefined ? [] : [fieldForbidden(match, 'resourceVersionMatch is forbidden when continue is provided')];
}
