// The keys of a user's extra attributes: `example.com/tenant`.
import { invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { subdomainProblems } from '../../apimachinery/names/names.js';

const reserved = ['kubernetes.io', 'k8s.io'];
const pathForm = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const pathCharacters = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

/** What is wrong with a key: it is in a domain, which is not one of those that are kept for others (Kubernetes' own when absent). */
export function extraKeyErrors(key: string, field: string, kept: readonly string[] = reserved): readonly FieldError[] {
  if (key === '') return [required(field)];
  const slash = key.indexOf('/');
  const [domain, path] = slash < 0 ? ['', ''] : [key.slice(0, slash), key.slice(slash + 1)];
  const errors: FieldError[] = [];
  if (domain === '' || path === '') errors.push(invalid(field, key, 'must be a domain-prefixed path (such as "acme.io/foo")'));
  else {
    errors.push(...subdomainProblems(domain).map((why) => invalid(field, domain, why)));
    if (!pathCharacters.test(path)) errors.push(invalid(field, path, `Invalid path (regex used for validation is '${pathForm}')`));
  }
  if (key !== key.toLowerCase()) errors.push(invalid(field, key, 'must be lowercase'));
  if (kept.some((one) => domain === one || domain.endsWith(`.${one}`)))
    errors.push(invalid(field, key, 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use'));
  return errors;
}
