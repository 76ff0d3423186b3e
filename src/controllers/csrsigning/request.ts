// What a certificate request asks for: the subject and the names, as far as signers have rules about them.
// https://www.rfc-editor.org/rfc/rfc2986, https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6
import type { CertificateSigningRequest } from '../../../openapi/types/certificates.v1.js';
import { DerError, DerReader, oidText } from '../../registry/certificates/der.js';
import { pemBlocks } from '../../registry/certificates/pem.js';

/** The subject and how many alternative names of each sort there are. */
export interface RequestedIdentity {
  /** The last `CN`; empty when there is none. */
  readonly commonName: string;
  /** Each `O`, in order. */
  readonly organizations: readonly string[];
  readonly dnsNames: number;
  readonly emailAddresses: number;
  readonly ipAddresses: number;
  readonly uris: number;
}

const commonName = '2.5.4.3';
const organization = '2.5.4.10';
const extensionRequest = '1.2.840.113549.1.9.14';
const subjectAlternativeName = '2.5.29.17';

/** The tags of a general name, and of the attributes of a request. */
const emailTag = 0x81;
const dnsTag = 0x82;
const uriTag = 0x86;
const ipTag = 0x87;
const attributesTag = 0xa0;

/** The identity that `spec.request` asks for; undefined when it is no certificate request (which the API server does not let in). */
export function requestedIdentity({ spec }: CertificateSigningRequest): RequestedIdentity | undefined {
  const [block] = pemBlocks(Buffer.from(spec.request, 'base64').toString('latin1'));
  if (block === undefined) return undefined;
  try {
    return readIdentity(block.der);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function readIdentity(der: Buffer): RequestedIdentity {
  const request = new DerReader(new DerReader(der).sequence('certificateRequest').content);
  const fields = new DerReader(request.sequence('tbsCertificateRequest').content);
  fields.next();
  const subject = readSubject(fields.next().content);
  fields.sequence('publicKeyInfo');
  const tags = fields.done ? [] : alternativeNameTags(fields.next());
  const count = (wanted: number): number => tags.filter((tag) => tag === wanted).length;
  return {
    ...subject,
    dnsNames: count(dnsTag),
    emailAddresses: count(emailTag),
    ipAddresses: count(ipTag),
    uris: count(uriTag),
  };
}

function readSubject(content: Buffer): Pick<RequestedIdentity, 'commonName' | 'organizations'> {
  let name = '';
  const organizations: string[] = [];
  for (const set of values(content)) {
    for (const attribute of values(set.content)) {
      const reader = new DerReader(attribute.content);
      const type = oidText(reader.next().content);
      const text = reader.next().content.toString('utf8');
      if (type === commonName) name = text;
      else if (type === organization) organizations.push(text);
    }
  }
  return { commonName: name, organizations };
}

/** The tag of each subject alternative name of the attributes. */
function alternativeNameTags(attributes: { readonly tag: number; readonly content: Buffer }): readonly number[] {
  if (attributes.tag !== attributesTag) return [];
  const tags: number[] = [];
  for (const attribute of values(attributes.content)) {
    const reader = new DerReader(attribute.content);
    if (oidText(reader.next().content) !== extensionRequest) continue;
    const extensions = new DerReader(reader.next().content).sequence('extensions');
    for (const extension of values(extensions.content)) {
      const parts = values(extension.content);
      // An extension is its identifier, perhaps whether it is critical, and an octet string.
      const [identifier, value] = [parts[0], parts.at(-1)];
      if (identifier === undefined || value === undefined || oidText(identifier.content) !== subjectAlternativeName) continue;
      tags.push(...values(new DerReader(value.content).sequence('subjectAltName').content).map(({ tag }) => tag));
    }
  }
  return tags;
}

/** All values that a content holds, one after the other. */
function values(content: Buffer): { readonly tag: number; readonly content: Buffer }[] {
  const reader = new DerReader(content);
  const found: { readonly tag: number; readonly content: Buffer }[] = [];
  while (!reader.done) found.push(reader.next());
  return found;
}
