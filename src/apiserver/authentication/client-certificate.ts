// The client certificate of a connection, read once.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates
import type { X509Certificate } from 'node:crypto';
import { isRecord } from '../../apimachinery/object.js';
import type { UserInfo } from '../../registry/kind.js';
import { authenticated } from './groups.js';

/** What a client showed in the TLS handshake. One object a connection. */
export interface ClientCertificate {
  /** Whether it was signed by the cluster's authority, for client use, and was valid at the handshake. */
  readonly verified: boolean;
  /** `CN`: the user's name; of several the last; '' for none. */
  readonly commonName: string;
  /** Each `O`: the groups. */
  readonly organizations: readonly string[];
  /** SHA-256 of the certificate in lower-case hex. */
  readonly fingerprint: string;
  /** Whom it stands for, if it is verified; undefined without a common name. */
  readonly user: UserInfo | undefined;
  /** The certificate itself, for those who ask which authority signed it. */
  readonly x509?: X509Certificate;
}

/** The part of Node's `TLSSocket` that is read. The server must be made with `requestCert: true, rejectUnauthorized: false, ca`. */
export interface PeerSocket {
  readonly authorized: boolean;
  getPeerX509Certificate(): X509Certificate | undefined;
}

/** Only a memory of what each connection's handshake says anyway; entries go with their connections. */
const connections = new WeakMap<object, ClientCertificate | { readonly none: true }>();

/**
 * The certificate that a connection's client showed; undefined when none. Remembered by `connection`: give the raw TLS socket, or for
 * HTTP/2 the session, since `request.socket` is a stand-in made anew for each stream.
 */
export function clientCertificateOf(connection: object, socket: PeerSocket): ClientCertificate | undefined {
  let known = connections.get(connection);
  if (known === undefined) {
    const certificate = socket.getPeerX509Certificate();
    known = certificate === undefined ? { none: true } : read(certificate, socket.authorized);
    connections.set(connection, known);
  }
  return 'none' in known ? undefined : known;
}

function read(certificate: X509Certificate, verified: boolean): ClientCertificate {
  const { subject } = certificate.toLegacyObject();
  const field = (name: 'CN' | 'O'): readonly string[] => {
    const value: unknown = isRecord(subject) ? subject[name] : undefined;
    return typeof value === 'string' ? [value] : Array.isArray(value) ? value.map(String) : [];
  };
  const commonName = field('CN').at(-1) ?? '';
  const organizations = field('O');
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] };
  const user = commonName === '' ? undefined : authenticated({ name: commonName, groups: organizations, extra });
  return { verified, commonName, organizations, fingerprint, user, x509: certificate };
}
