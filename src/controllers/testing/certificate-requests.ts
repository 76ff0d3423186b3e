// Certificate requests for the tests of the controllers that approve, sign and clean them up.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { CertificateSigningRequest } from '../../../openapi/types/certificates.v1.js';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** What a request asks for; `names` are alternative names as `DNS:n1`, `IP:10.0.0.1`, `email:a@b.c`, `URI:http://x`. */
export interface Asked {
  /** `O=system:nodes, CN=system:node:n1` */
  readonly subject: string;
  readonly names?: readonly string[];
  readonly spec?: Partial<CertificateSigningRequest['spec']>;
}

type NameType = 'dns' | 'ip' | 'email' | 'url';
const nameTypes: Readonly<Record<string, NameType>> = { DNS: 'dns', IP: 'ip', email: 'email', URI: 'url' };

function nameOf(text: string): { type: NameType; value: string } {
  const colon = text.indexOf(':');
  return { type: nameTypes[text.slice(0, colon)]!, value: text.slice(colon + 1) };
}

/** `spec.request` for a new key. */
export async function encodedRequest(subject: string, names: readonly string[] = []): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const extensions = names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names.map(nameOf))];
  const request = await x509.Pkcs10CertificateRequestGenerator.create(
    { name: subject, keys, signingAlgorithm: algorithm, extensions },
    webcrypto,
  );
  return Buffer.from(request.toString('pem')).toString('base64');
}

/** A CertificateSigningRequest as the server keeps it. */
export async function signingRequest(name: string, { subject, names, spec }: Asked): Promise<object> {
  return {
    metadata: { name },
    spec: {
      signerName: 'kubernetes.io/kube-apiserver-client',
      request: await encodedRequest(subject, names),
      usages: ['client auth'],
      username: 'alice',
      groups: ['system:authenticated'],
      ...spec,
    },
    status: {},
  };
}

export const approved = { type: 'Approved', status: 'True', reason: 'KubectlApprove', message: 'approved' };
