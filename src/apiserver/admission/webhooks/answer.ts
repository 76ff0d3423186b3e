// What a webhook answered: checked, and put into the real server's words.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
import { parseAnswer } from '../../../apimachinery/codec/answer-json.js';
import { readJsonWork, SyntaxProblem } from '../../../apimachinery/codec/json-reader.js';
import { ApiError } from '../../../apimachinery/errors/api-error.js';
import { isRecord } from '../../../apimachinery/object.js';
import { inSlices } from '../../../clock/slices.js';
import { jsonName, notAnObject, unknownKind } from '../../authentication/configuration-file.js';
import type { OutboundAnswer } from '../../authentication/outbound.js';
import { serverError } from '../../authentication/server-error.js';
import type { WebhookType } from './hooks.js';
import { reviewVersion } from './review.js';

/** A webhook that could not be asked, or answered what is no answer: the failure policy says what that means. */
export class WebhookFailure extends Error {}

export interface Verdict {
  readonly allowed: boolean;
  readonly warnings: readonly string[];
  /** What the webhook has to say to the audit event. */
  readonly auditAnnotations: Readonly<Record<string, string>>;
  /** A JSON Patch; undefined for none. */
  readonly patch: readonly unknown[] | undefined;
  /** For a refusal. */
  readonly status: Readonly<Record<string, unknown>>;
}

/** Rejects with WebhookFailure. */
export async function verdictOf(answer: OutboundAnswer, uid: string, type: WebhookType): Promise<Verdict> {
  const response = responseOf(await reviewOf(answer));
  const invalid = (why: string): WebhookFailure => new WebhookFailure(`received invalid webhook response: ${why}`);
  const given = typeof response['uid'] === 'string' ? response['uid'] : '';
  if (given !== uid) throw invalid(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(given)}`);
  const { patch, patchType, status, allowed, warnings, auditAnnotations } = response;
  if (allowed !== undefined && allowed !== null && typeof allowed !== 'boolean')
    throw new WebhookFailure(
      `failed to call webhook: json: cannot unmarshal ${jsonName(allowed)} into Go struct field AdmissionResponse.response.allowed of type bool`,
    );
  const [hasPatch, hasType] = [typeof patch === 'string' && patch !== '', typeof patchType === 'string'];
  if (type === 'validating') {
    if (hasPatch) throw invalid('validating webhook may not return response.patch');
    if (hasType) throw invalid('validating webhook may not return response.patchType');
  } else {
    if (hasPatch && !hasType) throw invalid('webhook returned response.patch but not response.patchType');
    if (hasType && !hasPatch) throw invalid('webhook returned response.patchType but not response.patch');
  }
  const operations = hasPatch ? await operationsOf(String(patch)) : undefined;
  if (operations !== undefined && operations.length > 0 && patchType !== 'JSONPatch')
    throw new WebhookFailure(`unsupported patch type ${JSON.stringify(patchType)}`);
  return {
    allowed: allowed === true,
    warnings: Array.isArray(warnings) ? warnings.filter(isWarning) : [],
    auditAnnotations: isRecord(auditAnnotations) ? textsOf(auditAnnotations) : {},
    patch: operations,
    status: isRecord(status) ? status : {},
  };
}

function textsOf(record: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  // There may be very many, which take long to copy.
  if (Object.values(record).every((value) => typeof value === 'string')) return record as Readonly<Record<string, string>>;
  return Object.fromEntries(Object.entries(record).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Only what fits into one header. */
function isWarning(text: unknown): text is string {
  return typeof text === 'string' && text !== '' && !/[\u0000-\u001f\u007f]/.test(text);
}

/** Where a text stops being base64 with its padding; -1 when it does not. */
function base64Problem(text: string): number {
  const other = text.search(/[^A-Za-z0-9+/=\r\n]/);
  if (other >= 0) return other;
  const bare = text.replace(/[\r\n]/g, '');
  const padding = bare.indexOf('=');
  if (padding >= 0 && (padding < bare.length - 2 || bare.length % 4 !== 0 || !bare.endsWith('='))) return padding;
  return bare.length % 4 === 0 ? -1 : bare.length - (bare.length % 4);
}

async function operationsOf(patch: string): Promise<readonly unknown[]> {
  const wrong = base64Problem(patch);
  if (wrong >= 0) throw new WebhookFailure(`failed to call webhook: illegal base64 data at input byte ${wrong}`);
  const bytes = Buffer.from(patch, 'base64');
  const refuse = (why: string): WebhookFailure => new WebhookFailure(`received undecodable patch in webhook response: ${why}`);
  let value: unknown;
  try {
    ({ value } = await inSlices(readJsonWork(bytes, { literals: false })));
  } catch (error) {
    if (error instanceof SyntaxProblem) throw refuse(error.message);
    throw error;
  }
  if (Array.isArray(value)) return value as readonly unknown[];
  if (value === null) return [];
  throw refuse(`json: cannot unmarshal ${jsonName(value)} into Go value of type jsonpatch.Patch`);
}

async function reviewOf(answer: OutboundAnswer): Promise<Readonly<Record<string, unknown>>> {
  const { status, text, contentType } = answer;
  const refuse = (why: string): WebhookFailure => new WebhookFailure(`failed to call webhook: ${why}`);
  const problem = serverError(answer);
  if (problem !== undefined) throw refuse(problem);
  const value = await parseAnswer(text).catch(() => undefined);
  if (text === '')
    throw refuse(
      `0-length response with status code: ${status} and content type: ${contentType === '' ? 'application/json' : contentType}`,
    );
  if (value === null) return {};
  if (!isRecord(value)) {
    // What is no JSON it reads as a text.
    throw refuse(notAnObject(value ?? ''));
  }
  const { apiVersion = '', kind = '' } = value as { readonly apiVersion?: string; readonly kind?: string };
  if (apiVersion === '' && kind === '') return value;
  if (apiVersion === 'admission.k8s.io/v1beta1' && kind === 'AdmissionReview')
    throw refuse('converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion');
  if (apiVersion === 'v1' && kind === 'Status') throw refuse('converting (v1.Status) to (v1.AdmissionReview): unknown conversion');
  if (apiVersion !== reviewVersion || kind !== 'AdmissionReview') throw refuse(unknownKind(kind, apiVersion));
  return value;
}

function responseOf(review: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { response } = review;
  if (review['apiVersion'] === undefined && review['kind'] === undefined && isRecord(response))
    throw new WebhookFailure(
      `received invalid webhook response: expected webhook response of ${reviewVersion}, Kind=AdmissionReview, got /, Kind=`,
    );
  if (!isRecord(response)) throw new WebhookFailure('received invalid webhook response: webhook response was absent');
  return response;
}

/** The error that a client gets when a webhook refuses. */
export function denial(name: string, status: Readonly<Record<string, unknown>>): ApiError {
  const { code, message, reason, details } = status;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const why = text(message) || text(reason);
  return new ApiError(
    typeof code === 'number' && code >= 400 && code <= 599 ? code : 400,
    text(reason),
    `admission webhook ${JSON.stringify(name)} denied the request${why === '' ? ' without explanation' : `: ${why}`}`,
    isRecord(details) ? details : undefined,
  );
}
