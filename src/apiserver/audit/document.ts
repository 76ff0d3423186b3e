// What the audit sees of answers that Express writes: documents of discovery, and errors.
import type { ServerResponse } from 'node:http';
import { compactJson } from './bodies.js';
import type { RequestAudit } from './request-audit.js';

/** Looks at the end of the answer: discovery and errors are objects of the API, all else that is said outside of resources is not. */
export function auditDocument(audit: RequestAudit, { path }: { readonly path: string }, response: ServerResponse): void {
  const discovery = path === '/api' || path === '/apis' || path.startsWith('/api/') || path.startsWith('/apis/');
  const end = response.end.bind(response) as (...given: unknown[]) => ServerResponse;
  response.end = ((...given: unknown[]): ServerResponse => {
    const [bytes] = given;
    const code = response.statusCode;
    const type = String(response.getHeader('content-type') ?? '');
    if (bytes instanceof Uint8Array && type.startsWith('application/json') && (discovery || code >= 400))
      audit.answers(() => compactJson(bytes), code >= 400);
    audit.documented(code);
    return end(...given);
  }) as typeof response.end;
}
