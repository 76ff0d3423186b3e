// Rules of the fields of a certificate signing request.
// https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
import { invalid } from '../../apimachinery/errors/field-error.js';
import { labelNameProblems, subdomainProblems } from '../../apimachinery/names/names.js';
import type { Errors } from '../rules/fields.js';

export const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

const begin = '-----BEGIN CERTIFICATE REQUEST-----';
const end = '-----END CERTIFICATE REQUEST-----';

/**
 * Whether the bytes look like a PKCS#10 request: a sequence that starts with another one, as long as it says.
 * https://www.rfc-editor.org/rfc/rfc2986#section-4.2
 */
function isRequest(der: Buffer): boolean {
  const start = (at: number): number | undefined => {
    if (der[at] !== 0x30) return undefined;
    const first = der[at + 1];
    if (first === undefined) return undefined;
    return first < 0x80 ? at + 2 : at + 2 + (first & 0x7f);
  };
  const inner = start(0);
  return inner !== undefined && inner < der.length && start(inner) !== undefined;
}

/** `request` is base64 of a PEM block. */
export function pemErrors(field: string, request: string | undefined): Errors {
  const text = Buffer.from(request ?? '', 'base64').toString('latin1');
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) return [invalid(field, request === '' ? undefined : request, 'PEM block type must be CERTIFICATE REQUEST')];
  const der = Buffer.from(text.slice(from + begin.length, to), 'base64');
  return isRequest(der) ? [] : [invalid(field, request, 'asn1: structure error: the block holds no certificate request')];
}

const longestDomain = 253;

/** `example.com/signer-name`. */
export function signerNameErrors(field: string, signerName: string): Errors {
  const parts = signerName.split('/');
  const [domain = '', path = ''] = parts;
  if (parts.length !== 2)
    return [invalid(field, signerName, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  if (signerName === 'kubernetes.io/legacy-unknown') {
    return [invalid(field, signerName, 'the legacy signerName is not allowed via this API version')];
  }
  const labels = domain.split('.');
  const errors: Errors[number][] = [];
  if (labels.length < 2) errors.push(invalid(field, domain, 'should be a domain with at least two segments separated by dots'));
  else {
    for (const label of labels) {
      for (const why of labelNameProblems(label)) errors.push(invalid(field, domain, `validating label "${label}": ${why}`));
    }
    if (domain.length > longestDomain) errors.push(invalid(field, domain, `must be no more than ${longestDomain} characters`));
  }
  for (const label of path.split('.')) {
    for (const why of subdomainProblems(label)) errors.push(invalid(field, path, `validating label "${label}": ${why}`));
  }
  return errors;
}
