// Names of programs as a domain and a path: `example.com/controller`.
// https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class
import { invalid } from '../../apimachinery/errors/field-error.js';
import { checkSubdomain, needed, type Errors } from './fields.js';

const pathForm = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const wholePath = new RegExp(`^${pathForm}$`);

/** The broken rules of a domain-prefixed path. */
export function domainPathErrors(field: string, value: string): Errors {
  return needed(field, value, () => {
    const slash = value.indexOf('/');
    const path = value.slice(slash + 1);
    if (slash <= 0 || path === '') return [invalid(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
    const errors = [...checkSubdomain(field, value.slice(0, slash))];
    if (!wholePath.test(path)) errors.push(invalid(field, path, `Invalid path (regex used for validation is '${pathForm}')`));
    return errors;
  });
}
