// Reads the options of a request from its query. https://kubernetes.io/docs/reference/kubernetes-api/common-parameters/common-parameters/
import { badRequest } from '../../apimachinery/errors/api-error.js';
import { fieldForbidden, invalidObject, notSupported, required, tooLong, type FieldError } from '../../apimachinery/errors/field-error.js';
import { quote } from '../../apimachinery/schema/problems.js';
import type { FieldValidation, PatchMediaType, RequestOptions } from '../core/api-request.js';
import type { Verb } from './request-info.js';

const group = 'meta.k8s.io';
const optionsKinds: Readonly<Partial<Record<Verb, string>>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
};
const validations = ['', 'Ignore', 'Strict', 'Warn'];

const malformed = /%(?![0-9a-fA-F]{2})|;/;

/** The parameters of a query. Pairs that are no percent-encoding, or have a semicolon, are passed over, as the real server does. */
export function parametersOf(query: string): URLSearchParams {
  if (!malformed.test(query)) return new URLSearchParams(query);
  return new URLSearchParams(
    query
      .split('&')
      .filter((pair) => !malformed.test(pair))
      .join('&'),
  );
}

/** A signed integer of 64 bits. Throws 400 for what is none. */
export function integer(text: string): number {
  const refuse = (why: string): Error => badRequest(`strconv.ParseInt: parsing ${quote(text)}: ${why}`);
  if (!/^[+-]?\d+$/.test(text)) throw refuse('invalid syntax');
  if (text.length <= 15) return Number(text);
  const value = text.length > 40 ? undefined : BigInt(text.replace('+', ''));
  if (value === undefined || BigInt.asIntN(64, value) !== value) throw refuse('value out of range');
  return Number(value);
}

/** As the real server reads booleans of a query: anything but these is true. */
export function flag(text: string): boolean {
  return !(text === '0' || text.toLowerCase() === 'false');
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
    const value = parameters.get(name);
    return value === null ? undefined : integer(value);
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

  // A deletion's options stand in its body when it has one: see verbs/delete-options.ts.
  if (verb === 'delete' || verb === 'deletecollection') return options;

  // The errors come in the real server's order: force, fieldManager, dryRun, fieldValidation.
  options.fieldManager = text('fieldManager');
  if (verb === 'patch') {
    options.force = truth('force');
    if (patchType === 'apply' && options.fieldManager === undefined) errors.push(required('fieldManager', 'is required for apply patch'));
    if (patchType !== 'apply' && options.force !== undefined)
      errors.push(fieldForbidden('force', 'may not be specified for non-apply patch'));
  }
  errors.push(...managerErrors(options.fieldManager ?? ''));
  const dryRun = parameters.getAll('dryRun').filter((value) => value !== '');
  if (dryRun.length > 0) options.dryRun = true;
  errors.push(...dryRunErrors(dryRun));
  const validation = text('fieldValidation');
  if (validation !== undefined && !validations.includes(validation)) errors.push(notSupported('fieldValidation', validation, validations));
  options.fieldValidation = validation as FieldValidation | undefined;
  if (errors.length > 0) throw invalidObject({ group, kind: optionsKinds[verb] ?? 'ListOptions' }, '', errors);
  return options;
}

export function dryRunErrors(dryRun: readonly string[]): FieldError[] {
  return dryRun.some((value) => value !== 'All') ? [notSupported('dryRun', dryRun, ['All'])] : [];
}

/** The longest name of a field manager, in bytes. */
const longestManager = 128;

function managerErrors(manager: string): FieldError[] {
  if (Buffer.byteLength(manager) > longestManager) return [tooLong('fieldManager', longestManager)];
  const errors: FieldError[] = [];
  let at = 0;
  for (const character of manager) {
    if (/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(character)) {
      const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      const message = `Invalid value: ${quote(manager)}: invalid character U+${code} (at position ${at})`;
      errors.push({ field: 'fieldManager', reason: 'FieldValueInvalid', message });
    }
    at += Buffer.byteLength(character);
  }
  return errors;
}
