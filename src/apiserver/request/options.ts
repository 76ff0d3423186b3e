// Reads the options of a request from its query. https://kubernetes.io/docs/reference/kubernetes-api/common-parameters/common-parameters/
import { badRequest } from '../../apimachinery/errors/api-error.js';
import { fieldForbidden, invalidObject, notSupported, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import type { FieldValidation, PatchMediaType, RequestOptions } from '../core/api-request.js';
import type { Verb } from './request-info.js';

const group = 'meta.k8s.io';
const optionsKinds: Readonly<Partial<Record<Verb, string>>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
  delete: 'DeleteOptions',
  deletecollection: 'DeleteOptions',
};
const validations = ['', 'Ignore', 'Strict', 'Warn'];
const policies = ['Foreground', 'Background', 'Orphan', 'nil'];

function integer(text: string): number {
  if (!/^[+-]?\d{1,19}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

/** As the real server reads booleans of a query: anything but these is true. */
function flag(text: string): boolean {
  return !(text === 'false' || text === '0');
}

/** Whether a query asks for a watch. */
export function wantsWatch(parameters: URLSearchParams): boolean {
  const watch = parameters.get('watch');
  return watch !== null && flag(watch);
}

/** The options in a query. Throws 400 for numbers that are none and 422 for values that an option does not take. */
export function readOptions(parameters: URLSearchParams, verb: Verb, patchType: PatchMediaType | undefined): RequestOptions {
  const options: { -readonly [K in keyof RequestOptions]: RequestOptions[K] } = {};
  if (parameters.size === 0 && patchType !== 'apply') return options;
  const errors: FieldError[] = [];
  const text = (name: string): string | undefined => {
    const value = parameters.get(name);
    return value === null || value === '' ? undefined : value;
  };
  const number = (name: string): number | undefined => {
    const value = text(name);
    return value === undefined ? undefined : integer(value);
  };
  const truth = (name: string): boolean | undefined => {
    const value = parameters.get(name);
    return value === null ? undefined : flag(value);
  };
  switch (verb) {
    case 'list':
    case 'watch':
    case 'deletecollection':
      options.labelSelector = text('labelSelector');
      options.fieldSelector = text('fieldSelector');
      options.limit = number('limit');
      options.continue = text('continue');
      options.resourceVersion = text('resourceVersion');
      options.resourceVersionMatch = text('resourceVersionMatch');
      options.sendInitialEvents = truth('sendInitialEvents');
      options.allowWatchBookmarks = truth('allowWatchBookmarks');
      options.timeoutSeconds = number('timeoutSeconds');
      break;
    case 'get':
      options.resourceVersion = text('resourceVersion');
      break;
    default:
  }
  if (verb === 'get' || verb === 'list' || verb === 'watch') return options;

  const dryRun = parameters.getAll('dryRun').filter((value) => value !== '');
  if (dryRun.length > 0) {
    if (dryRun.some((value) => value !== 'All')) errors.push(notSupported('dryRun', dryRun, ['All']));
    options.dryRun = true;
  }
  if (verb === 'delete' || verb === 'deletecollection') {
    options.gracePeriodSeconds = number('gracePeriodSeconds');
    options.propagationPolicy = text('propagationPolicy');
    options.orphanDependents = truth('orphanDependents');
    if (options.propagationPolicy !== undefined && !policies.includes(options.propagationPolicy)) {
      errors.push(notSupported('propagationPolicy', options.propagationPolicy, policies));
    }
  } else {
    options.fieldManager = text('fieldManager');
    const validation = text('fieldValidation');
    if (validation !== undefined && !validations.includes(validation))
      errors.push(notSupported('fieldValidation', validation, validations));
    options.fieldValidation = validation as FieldValidation | undefined;
    if (verb === 'patch') {
      options.force = truth('force');
      if (patchType === 'apply' && options.fieldManager === undefined) errors.push(required('fieldManager', 'is required for apply patch'));
      if (patchType !== 'apply' && options.force !== undefined)
        errors.push(fieldForbidden('force', 'may not be specified for non-apply patch'));
    }
  }
  if (errors.length > 0) throw invalidObject({ group, kind: optionsKinds[verb] ?? 'ListOptions' }, '', errors);
  return options;
}
