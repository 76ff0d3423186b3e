// The audit of one request, from its first byte to the end of its answer.
// https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
import { jsonText } from '../../apimachinery/codec/json.js';
import { isRecord, type Status } from '../../apimachinery/object.js';
import { formatMicroTime } from '../../clock/clock.js';
import type { UserInfo } from '../../registry/kind.js';
import type { Auditor } from './auditor.js';
import { answerText, objectText, patchText } from './bodies.js';
import type { AuditContext, AuditLevel } from './context.js';
import { AuditRecord, auditVersion, type AuditStage } from './event.js';
import type { AuditedRequest, AuditVerdict } from './policy-rules.js';
import { userText } from './user-text.js';

/** What is known of a request when it comes. */
export interface AuditSubject extends AuditedRequest {
  readonly auditId: string;
  /** With its query. */
  readonly uri: string;
  /** Of a resource. */
  readonly apiVersion?: string | undefined;
  readonly userAgent: string;
  /** Asked once, of requests that are audited. */
  sourceIPs(): readonly string[];
  /** Whether the answer goes on until the client has enough: then its beginning is an event of its own. */
  readonly longRunning: boolean;
}

/** What an answer holds: JSON, made when an event tells it and the answer itself is in another form. */
interface Answer {
  json(): Uint8Array | undefined;
  /** Whether it is a Status, which every level tells. */
  readonly isStatus: boolean;
}

const longestUserAgent = 1024;
/** What comes after the first brace of JSON that is indented. */
const newline = 10;
const none: AuditVerdict = { level: 'None', omitStages: new Set(), omitManagedFields: false };

export class RequestAudit implements AuditContext {
  #verdict = none;
  #user: UserInfo | undefined;
  #impersonated: UserInfo | undefined;
  #constraint = '';
  #annotations: Map<string, string> | undefined;
  /** What the object sent says of itself. */
  #named: Readonly<Record<string, unknown>> | undefined;
  #request: (() => string) | undefined;
  #answer: Answer | undefined;
  #bytes: Uint8Array | undefined;
  #status: Readonly<Record<string, unknown>> | undefined;
  /** Whether it has been asked who asks. */
  #known = false;
  #addresses: readonly string[] = [];
  #started = false;
  #done = false;
  /** The beginning of the request's events, which is the same for all. */
  #head = '';

  constructor(
    private readonly auditor: Auditor,
    private readonly subject: AuditSubject,
    private readonly received: number,
  ) {}

  get level(): AuditLevel {
    return this.#verdict.level;
  }

  /** Who asks is known. Whether the request may go on: it must not when its event was to be written first and could not be. */
  async authenticated(user: UserInfo): Promise<boolean> {
    this.#decide(user);
    if (this.level === 'None') return true;
    const sent = this.#emit('RequestReceived');
    const goesOn = typeof sent === 'boolean' ? sent : await sent;
    if (!goesOn) this.auditor.metrics.rejected();
    return goesOn;
  }

  actsAs(user: UserInfo): void {
    this.#impersonated = user;
  }

  /** The user may act as another one by this permission, which is for some requests only. */
  constrained(constraint: string): void {
    this.#constraint = constraint;
  }

  annotate(key: string, value: string): void {
    const annotations = (this.#annotations ??= new Map<string, string>());
    if (!annotations.has(key)) annotations.set(key, value);
  }

  requestObject(object: Readonly<Record<string, unknown>>): void {
    if (this.#named !== undefined) return;
    const { metadata } = object;
    const { name, uid, namespace, resourceVersion } = isRecord(metadata) ? metadata : {};
    this.#named = { name, uid, namespace, resourceVersion };
    if (this.level === 'Metadata') return;
    const text = objectText(object, this.#verdict.omitManagedFields);
    this.#request = () => text;
  }

  requestPatch(bytes: Uint8Array): void {
    if (this.level !== 'Metadata') this.#request ??= () => patchText(bytes);
  }

  /** The answer will hold this; not called for answers that are no objects of the API. */
  answers(json: () => Uint8Array | undefined, isStatus: boolean): void {
    this.#answer = { json, isStatus };
  }

  /** The answer is whole. `type` is its content type. A promise when it may go out only then. */
  responded(code: number, type: string, body: readonly Uint8Array[]): Promise<unknown> | undefined {
    if (this.#done) return undefined;
    const wasKnown = this.#known;
    // Whoever cannot be told is audited all the same.
    if (!wasKnown) this.#decide(undefined);
    if (this.level === 'None') return undefined;
    // Plain text says something, but is no object.
    if (type.startsWith('text/')) this.#answer = undefined;
    else if (this.#answer !== undefined && type === 'application/json' && body.length > 0 && body[0]![1] !== newline)
      this.#bytes = body.length === 1 ? body[0] : Buffer.concat(body);
    this.#statusOf(code);
    if (!wasKnown) {
      this.#done = true;
      return waited(this.#emit('ResponseStarted'));
    }
    if (this.subject.longRunning) this.started(code);
    return this.completed(code);
  }

  /** The answer's end is about to be written by others. */
  documented(code: number): void {
    if (this.level !== 'None') this.#statusOf(code);
  }

  /** An answer that goes on has begun. */
  started(code: number): void {
    if (this.#started || this.level === 'None') return;
    this.#started = true;
    this.#status ??= { metadata: {}, code };
    // Others have one event for their answer, however it is written.
    if (this.subject.longRunning) void this.#emit('ResponseStarted');
  }

  /** The answer has ended. Idempotent. */
  completed(code: number): Promise<unknown> | undefined {
    if (this.#done || this.level === 'None') return undefined;
    this.#done = true;
    this.#status ??= { metadata: {}, code };
    return waited(this.#emit('ResponseComplete'));
  }

  /** There is nobody to answer any more, or no time. */
  broken(message: string): void {
    if (this.#done || !this.#known || this.level === 'None') return;
    const status = { metadata: {}, status: 'Failure', message, code: 500 };
    this.#status = status;
    this.#bytes = Buffer.from(jsonText({ kind: 'Status', apiVersion: 'v1', ...status }));
    void this.completed(500);
  }

  /** The server itself failed: the request's last event. */
  panicked(error: string): void {
    if (this.#done || this.level === 'None') return;
    this.#done = true;
    this.#status = { metadata: {}, status: 'Failure', message: `APIServer panic'd: ${error}`, reason: 'InternalError', code: 500 };
    void this.#emit('Panic');
  }

  #decide(user: UserInfo | undefined): void {
    const verdict = this.auditor.rules(this.subject, user);
    this.#known = true;
    this.#user = user;
    this.auditor.metrics.level(verdict?.level ?? 'None');
    if (verdict === undefined) return;
    this.#verdict = verdict;
    this.#addresses = this.subject.sourceIPs();
  }

  /** The answer in JSON; undefined when it is no object. */
  #json(): Uint8Array | undefined {
    return (this.#bytes ??= this.#answer?.json());
  }

  #statusOf(code: number): void {
    this.#status = { metadata: {}, code };
    if (this.#answer?.isStatus !== true) return;
    const bytes = this.#json();
    if (bytes === undefined) return;
    const { kind: _kind, apiVersion: _version, ...status } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Status;
    this.#status = { ...status, code: status.code ?? code };
  }

  #emit(stage: AuditStage): boolean | Promise<boolean> {
    if (this.#verdict.omitStages.has(stage)) return true;
    return this.auditor.send(new AuditRecord(stage, this.#encoder(stage, this.auditor.now())));
  }

  /** What the event says is settled now; how it is written may wait. */
  #encoder(stage: AuditStage, at: number): () => string {
    const named = this.#named;
    const status = stage === 'RequestReceived' ? undefined : this.#status;
    const user = this.#impersonated;
    const request = this.#request;
    const annotations = this.#annotations === undefined ? undefined : [...this.#annotations];
    const withAnswer = this.level === 'RequestResponse' && status !== undefined && stage !== 'Panic';
    const answer = withAnswer ? this.#json() : undefined;
    return () => {
      let text = `${this.#begin()}${stage}${this.#middle(user, named)}`;
      if (status !== undefined) text += `,"responseStatus":${jsonText(status)}`;
      if (request !== undefined) text += `,"requestObject":${request()}`;
      if (answer !== undefined) text += `,"responseObject":${answerText(answer, this.#verdict.omitManagedFields)}`;
      text += `,"requestReceivedTimestamp":"${formatMicroTime(this.received)}","stageTimestamp":"${formatMicroTime(at)}"`;
      if (annotations !== undefined) {
        annotations.sort(([a], [b]) => (a < b ? -1 : 1));
        text += `,"annotations":{${annotations.map(([key, value]) => `${jsonText(key)}:${jsonText(value)}`).join(',')}}`;
      }
      return `${text}}`;
    };
  }

  #begin(): string {
    if (this.#head === '')
      this.#head = `{"kind":"Event","apiVersion":"${auditVersion}","level":"${this.level}","auditID":${jsonText(this.subject.auditId)},"stage":"`;
    return this.#head;
  }

  /** From the end of the stage to the object. */
  #middle(impersonated: UserInfo | undefined, named: Readonly<Record<string, unknown>> | undefined): string {
    const { uri, verb, resource, apiVersion, userAgent } = this.subject;
    const agent = userAgent.length > longestUserAgent ? `${userAgent.slice(0, longestUserAgent)}...TRUNCATED` : userAgent;
    const addresses = this.#addresses;
    let text = `","requestURI":${jsonText(uri)},"verb":${jsonText(verb)},"user":${this.#user === undefined ? '{}' : userText(this.#user)}`;
    if (impersonated !== undefined) {
      text += `,"impersonatedUser":${userText(impersonated)}`;
      if (this.#constraint !== '') text += `,"authenticationMetadata":{"impersonationConstraint":${jsonText(this.#constraint)}}`;
    }
    if (addresses.length > 0) text += `,"sourceIPs":${JSON.stringify(addresses)}`;
    if (agent !== '') text += `,"userAgent":${jsonText(agent)}`;
    if (resource === undefined) return text;
    const or = (own: string, field: string): string | undefined => (own !== '' ? own : textOf(named?.[field]));
    const reference = {
      resource: resource.resource,
      namespace: or(resource.namespace, 'namespace'),
      name: or(resource.name, 'name'),
      uid: textOf(named?.['uid']),
      apiGroup: resource.group === '' ? undefined : resource.group,
      apiVersion,
      resourceVersion: textOf(named?.['resourceVersion']),
      subresource: resource.subresource === '' ? undefined : resource.subresource,
    };
    return `${text},"objectRef":${jsonText(reference)}`;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function waited(taken: boolean | Promise<boolean>): Promise<boolean> | undefined {
  return typeof taken === 'boolean' ? undefined : taken;
}
