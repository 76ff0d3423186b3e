// The rules of paths and file modes inside volumes. https://kubernetes.io/docs/concepts/storage/volumes/
import type { KeyToPath } from '../../../../openapi/types/core.v1.js';
import { invalid, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { eachApart } from '../../../clock/apart.js';

/** A path without a step up. */
export function noBackstepErrors(field: string, path: string): FieldError[] {
  return path.includes('..') && path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : [];
}

/** A path below a volume's root. */
export function localPathErrors(field: string, path: string): FieldError[] {
  return path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : noBackstepErrors(field, path);
}

/** As {@link localPathErrors}, for files that the kubelet writes: names that begin with two dots are its own. */
export function filePathErrors(field: string, path: string): FieldError[] {
  const errors = localPathErrors(field, path);
  if (path.startsWith('..') && !path.startsWith('../')) errors.push(invalid(field, path, "must not start with '..'"));
  return errors;
}

/** As {@link filePathErrors}; an absent path is missed. */
export function neededFilePath(field: string, path: string | undefined): FieldError[] {
  return path === undefined || path === '' ? [required(field)] : filePathErrors(field, path);
}

export function checkMode(errors: FieldError[], field: string, mode: number | undefined): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) {
    errors.push(invalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive'));
  }
}

/** The files that a volume takes from a ConfigMap or Secret. */
export function checkItems(errors: FieldError[], field: string, items: readonly KeyToPath[] | undefined): void {
  eachApart(field, items?.length ?? 0, errors, (index) => {
    const { key, path, mode } = items![index]!;
    const at = `${field}[${index}]`;
    if (key === undefined || key === '') errors.push(required(`${at}.key`));
    errors.push(...neededFilePath(`${at}.path`, path));
    checkMode(errors, `${at}.mode`, mode);
  });
}
