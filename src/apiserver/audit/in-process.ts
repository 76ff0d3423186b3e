// The audit of requests that do not come over HTTP: those of the parts of the cluster that run in the server's own process.
import { jsonText } from '../../apimachinery/codec/json.js';
import type { Authorizer } from '../authorization/authorizer.js';
import type { ApiRequest, ApiResult, WatchResult } from '../core/api-request.js';
import { jsonAnswer, type Responder } from '../respond.js';
import { answerTo, textBytes } from '../encoding/status-writer.js';
import type { Auditor } from './auditor.js';
import type { RequestAudit } from './request-audit.js';
import { resourceOf } from './subject.js';

/** Serves a request in process and audits it. Rejects as `serve` does. */
export type AuditInProcess = (request: ApiRequest, serve: (request: ApiRequest) => Promise<ApiResult>) => Promise<ApiResult>;

const plain = { form: 'object', encoding: 'json', pretty: false } as const;
const here = ['127.0.0.1'];
const noParameters = new URLSearchParams();

export function auditInProcess(auditor: Auditor, authorizer: Authorizer, responder: () => Responder): AuditInProcess {
  const json = (result: ApiResult): Uint8Array | undefined => jsonAnswer(responder(), result, plain, { parameters: noParameters, headers: {} });
  return async (request, serve) => {
    const { kind, verb, user, subresource } = request;
    const { group, version, resource } = kind;
    const place = { group, resource, subresource, namespace: request.namespace, name: verb === 'create' && subresource === '' ? '' : request.name };
    const uri = uriOf(request, place.name);
    const path = uri.split('?', 1)[0]!;
    const audit = auditor.begin({
      auditId: auditor.uid(),
      uri,
      path,
      verb,
      resource: resourceOf(place),
      apiVersion: version,
      userAgent: request.userAgent,
      sourceIPs: () => here,
      longRunning: verb === 'watch',
    });
    await audit.authenticated(user);
    if (audit.level === 'None') return serve(request);
    // Parts in process are not asked whether they may, and yet it is good to know why they might.
    const decision = await authorizer.authorize({ user, verb, version, ...place });
    audit.annotate('authorization.k8s.io/decision', 'allow');
    audit.annotate('authorization.k8s.io/reason', decision.allowed ? decision.reason : '');
    if (kind.deprecation !== undefined) audit.annotate('k8s.io/deprecated', 'true');
    const { body, patchType } = request;
    if (patchType !== undefined && body !== undefined && 'value' in body) audit.requestPatch(Buffer.from(jsonText(body.value)));
    try {
      const result = await serve({ ...request, audit });
      if (result.type === 'watch') return auditWatch(audit, result);
      audit.answers(() => json(result), result.type === 'status');
      await audit.responded(result.type === 'list' ? 200 : result.code, '', []);
      return result;
    } catch (error) {
      const { status, code } = answerTo(error, (bug) => audit.panicked(bug instanceof Error ? bug.message : String(bug)));
      audit.answers(() => textBytes(status, plain), true);
      await audit.responded(code, '', []);
      throw error;
    }
  };
} // prettier-ignore

function auditWatch(audit: RequestAudit, result: WatchResult): WatchResult {
  return {
    ...result,
    start: (receiver) => {
      audit.started(200);
      const end = (): void => void audit.completed(200);
      const watching = result.start({
        event: (event) => receiver.event(event),
        end: (status) => {
          end();
          receiver.end(status);
        },
      });
      return {
        stop: () => {
          end();
          watching.stop();
        },
      };
    },
  };
}

const inQuery = ['labelSelector', 'fieldSelector', 'limit', 'continue', 'resourceVersion', 'resourceVersionMatch', 'sendInitialEvents', 'allowWatchBookmarks', 'timeoutSeconds', 'fieldManager', 'fieldValidation', 'force'] as const; // prettier-ignore

/** What the request would have asked for over HTTP. */
function uriOf({ kind, verb, namespace, subresource, options }: ApiRequest, name: string): string {
  const parts = kind.group === '' ? ['', 'api', kind.version] : ['', 'apis', kind.group, kind.version];
  if (namespace !== '') parts.push('namespaces', namespace);
  parts.push(kind.resource);
  if (name !== '') parts.push(name);
  if (subresource !== '') parts.push(subresource);
  const query = new URLSearchParams();
  for (const field of inQuery) {
    const value = options[field];
    if (value !== undefined) query.set(field, String(value));
  }
  if (options.dryRun === true) query.set('dryRun', 'All');
  if (verb === 'watch') query.set('watch', 'true');
  return query.size === 0 ? parts.join('/') : `${parts.join('/')}?${query.toString()}`;
}
