// Names of drivers and pools, and of attributes and capacities of devices: C identifiers, with or without a domain.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/resource-slice-v1/
import { invalid, tooLong } from '../../apimachinery/errors/field-error.js';
import { subdomainProblems } from '../../apimachinery/names/names.js';
import { check, checkSubdomain, type Errors } from '../rules/fields.js';

const longestIdentifier = 32;
const longestDomain = 63;
const longestPool = 253;
const identifierText =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";

function identifierErrors(field: string, name: string): Errors {
  const errors: Errors[number][] = name.length > longestIdentifier ? [tooLong(field, longestIdentifier)] : [];
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) errors.push(invalid(field, name, identifierText));
  return errors;
}

/** A driver's name: a domain of at most 63 bytes, in letters of any case. */
export function driverErrors(field: string, driver: string): Errors {
  return [
    ...(driver.length > longestDomain ? [tooLong(field, longestDomain)] : []),
    ...check(field, driver, (value) => subdomainProblems(value.toLowerCase())),
  ];
}

/** A pool's name: domains with slashes between them. */
export function poolErrors(field: string, pool: string): Errors {
  return [
    ...(pool.length > longestPool ? [tooLong(field, longestPool)] : []),
    ...pool.split('/').flatMap((part) => checkSubdomain(field, part)),
  ];
}

/** `name` or `domain/name`; what has more slashes is not looked at. */
export function attributeNameErrors(field: string, name: string): Errors {
  const parts = name.split('/');
  const [domain = '', own = ''] = parts;
  if (parts.length === 1) return identifierErrors(field, name);
  if (parts.length > 2) return [];
  return [
    ...(domain === '' ? [invalid(field, domain, 'the domain must not be empty')] : driverErrors(field, domain)),
    ...(own === '' ? [invalid(field, own, 'the name must not be empty')] : identifierErrors(field, own)),
  ];
}

/** `domain/name`. */
export function qualifiedAttributeErrors(field: string, name: string): Errors {
  const errors = attributeNameErrors(field, name);
  return name.includes('/')
    ? errors
    : [...errors, invalid(field, name, 'a fully qualified name must be a domain and a name separated by a slash')];
}

const uuid = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;
const compactUuid = /^[0-9a-fA-F]{32}$/;

/** A share's id: a UUID in its usual form. https://www.rfc-editor.org/rfc/rfc9562 */
export function shareIdErrors(field: string, id: string): Errors {
  const invalidId = (why: string): Errors => [invalid(field, id, why)];
  const body = id.length === 38 ? id.slice(1, -1) : id.length === 45 && id.toLowerCase().startsWith('urn:uuid:') ? id.slice(9) : id;
  if (body.length !== 36 && body.length !== 32) return invalidId(`error validating uid: invalid UUID length: ${id.length}`);
  if (!uuid.test(body) && !compactUuid.test(body)) return invalidId('error validating uid: invalid UUID format');
  if (uuid.test(id) && id === id.toLowerCase()) return [];
  return invalidId('uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters');
}
