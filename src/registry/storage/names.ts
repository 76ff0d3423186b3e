// Names of CSI drivers. https://kubernetes-csi.github.io/docs/csi-driver-object.html
import { tooLong } from '../../apimachinery/errors/field-error.js';
import { subdomainProblems } from '../../apimachinery/names/names.js';
import { check, type Errors } from '../rules/fields.js';

const longest = 63;

/** A driver's name: a domain of at most 63 bytes, in letters of any case. */
export function driverNameErrors(field: string, name: string): Errors {
  const errors = name.length > longest ? [tooLong(field, longest)] : [];
  return [...errors, ...check(field, name, (value) => subdomainProblems(value.toLowerCase()))];
}
