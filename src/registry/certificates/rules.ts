// Rules of the fields of a certificate signing request.
// https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
import { X509Certificate } from 'node:crypto';
import { invalid, tooLong } from '../../apimachinery/errors/field-error.js';
import { labelNameProblems, subdomainProblems } from '../../apimachinery/names/names.js';
import type { Errors } from '../rules/fields.js';
import { readCertificateRequest } from './certificate-request.js';
import { DerError } from './der.js';
import { pemBlocks } from './pem.js';

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

const requestType = 'CERTIFICATE REQUEST';

/** `request` is base64 of a PEM block with a certificate request, signed by its own key. */
export function requestErrors(field: string, request: string | null | undefined): Errors {
  const [block] = pemBlocks(Buffer.from(request ?? '', 'base64').toString('latin1'));
  if (block?.type !== requestType) return [invalid(field, request ?? null, `PEM block type must be ${requestType}`)];
  try {
    readCertificateRequest(block.der);
    return [];
  } catch (error) {
    if (error instanceof DerError) return [invalid(field, request, error.message)];
    throw error;
  }
}

/** What is wrong with the certificates that a signer issued; messages do not show them. */
export function certificateErrors(field: string, certificate: string): Errors {
  const wrong = (why: string): Errors => [invalid(field, '<certificate data>', why)];
  const blocks = pemBlocks(Buffer.from(certificate, 'base64').toString('latin1'));
  for (const { type, hasHeaders, der } of blocks) {
    if (type !== 'CERTIFICATE') return wrong(`only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`);
    if (hasHeaders) return wrong('no PEM block headers are permitted');
    if (der.length === 0) return wrong('found CERTIFICATE PEM block containing 0 certificates');
    if (!isCertificate(der)) return wrong('x509: malformed certificate');
  }
  return blocks.length === 0 ? wrong('must contain at least one CERTIFICATE PEM block') : [];
}

function isCertificate(der: Buffer): boolean {
  try {
    return new X509Certificate(der).subject !== undefined;
  } catch {
    return false;
  }
}

const longestDomain = 253;
const longestSignerName = 571;

/** `example.com/signer-name`. */
export function signerNameErrors(field: string, signerName: string): Errors {
  if (signerName.length > longestSignerName) return [tooLong(field, longestSignerName)];
  const parts = signerName.split('/');
  const [domain = '', path = ''] = parts;
  if (parts.length !== 2)
    return [invalid(field, signerName, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  if (signerName === 'kubernetes.io/legacy-unknown') {
    return [invalid(field, signerName, 'the legacy signerName is not allowed via this API version')];
  }
  const labels = domain.split('.');
  const errors: Errors[number][] = [];
  for (const label of labels) {
    for (const why of labelNameProblems(label)) errors.push(invalid(field, domain, `validating label "${label}": ${why}`));
  }
  if (labels.length < 2) errors.push(invalid(field, domain, 'should be a domain with at least two segments separated by dots'));
  if (domain.length > longestDomain) errors.push(tooLong(field, longestDomain));
  for (const label of path.split('.')) {
    for (const why of subdomainProblems(label)) errors.push(invalid(field, path, `validating label "${label}": ${why}`));
  }
  return errors;
}

/** Each `O` of the subject of a certificate request (base64 of PEM); none when it cannot be read. */
export function organizationsOf(request: string): readonly string[] {
  const [block] = pemBlocks(Buffer.from(request, 'base64').toString('latin1'));
  if (block === undefined) return [];
  try {
    return readCertificateRequest(block.der).organizations;
  } catch (error) {
    if (error instanceof DerError) return [];
    throw error;
  }
}
