// What the real server says of a backend that cannot be asked.
import { connectionProblem } from '../authentication/connection-problem.js';

/** @param error of a request to a backend */
export function transportProblem(error: unknown): string {
  const { code, message = '' } = error as { readonly code?: unknown; readonly message?: string };
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const { cert, host } = error as { readonly cert?: { readonly subjectaltname?: string }; readonly host?: string };
    const names = (cert?.subjectaltname ?? '').split(', ').map((name) => name.slice(name.indexOf(':') + 1));
    return `tls: failed to verify certificate: x509: certificate is valid for ${names.join(', ')}, not ${host ?? ''}`;
  }
  if (code === 'ETIMEDOUT') return message.startsWith('dial tcp') ? message : 'i/o timeout';
  if (code === 'EPROTO') return 'tls: first record does not look like a TLS handshake';
  if (code === 'HPE_HEADER_OVERFLOW') return 'net/http: server response headers exceeded the limit';
  if (typeof code === 'string' && code.startsWith('HPE_')) return 'net/http: HTTP/1.x transport connection broken: malformed HTTP response';
  return connectionProblem(error);
}
