// Names of attributes and capacities of devices: C identifiers, with or without a domain.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/resource-slice-v1/
import { invalid, tooLong } from '../../apimachinery/errors/field-error.js';
import { checkSubdomain, type Errors } from '../rules/fields.js';

const longestIdentifier = 32;
const longestDomain = 63;
const identifierText =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";

function identifierErrors(field: string, name: string): Errors {
  const errors: Errors[number][] = name.length > longestIdentifier ? [tooLong(field, longestIdentifier)] : [];
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) errors.push(invalid(field, name, identifierText));
  return errors;
}

/** `name` or `domain/name`. */
export function attributeNameErrors(field: string, name: string): Errors {
  const slash = name.indexOf('/');
  if (slash < 0) return identifierErrors(field, name);
  const domain = name.slice(0, slash);
  return [
    ...(domain.length > longestDomain ? [tooLong(field, longestDomain)] : []),
    ...checkSubdomain(field, domain),
    ...identifierErrors(field, name.slice(slash + 1)),
  ];
}

/** `domain/name`. */
export function qualifiedAttributeErrors(field: string, name: string): Errors {
  const errors = attributeNameErrors(field, name);
  return errors.length > 0 || name.includes('/')
    ? errors
    : [invalid(field, name, 'a fully qualified name must be a domain and a name separated by a slash')];
}
