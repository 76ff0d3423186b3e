// What the webhook of ImagePolicyWebhook says, or in the real server's words why it is no answer.
import { ApiError } from '../../../apimachinery/errors/api-error.js';
import { isRecord } from '../../../apimachinery/object.js';
import { jsonName, textOf } from '../../authentication/configuration-file.js';
import type { OutboundAnswer } from '../../authentication/outbound.js';

export interface ReviewStatus {
  readonly allowed: boolean;
  readonly reason: string;
  /** Under names that may be names of annotations. */
  readonly auditAnnotations: readonly (readonly [string, string])[];
}

export const imageReviewVersion = 'imagepolicy.k8s.io/v1alpha1';
const mostAnnotations = 100;
const longestShown = 2048;

const statusTexts: ReadonlyMap<number, string> = new Map([
  [400, 'the server rejected our request for an unknown reason'],
  [401, 'the server has asked for the client to provide credentials'],
  [404, 'the server could not find the requested resource'],
  [405, 'the server does not allow this method on the requested resource'],
  [406, 'the server was unable to respond with a content type that the client supports'],
  [409, 'the server reported a conflict'],
  [415, 'unknown'],
  [422, 'the server rejected our request due to an error in our request'],
  [429, 'the server has received too many requests and has asked us to try again later'],
  [503, 'the server is currently unable to handle the request'],
  [504, 'the server was unable to return a response in the time allotted, but may still be processing the request'],
]);

/** Throws an Error when it is none; its message is told to whoever makes the pod. */
export function readImageReview({ status: code, text, contentType }: OutboundAnswer): ReviewStatus {
  if (code < 200 || code > 299) throw refusal(code, text);
  if (text === '') throw new Error(`0-length response with status code: ${code} and content type: ${contentType}`);
  const review = objectOf(text);
  const kind = textOf(review['kind']);
  const version = textOf(review['apiVersion']);
  // What says neither is taken for what was asked for.
  const [group, short] = [version.slice(0, Math.max(0, version.lastIndexOf('/'))), version.split('/').pop()!];
  if ((kind !== '' && kind !== 'ImageReview') || (version !== '' && version !== imageReviewVersion)) {
    const known = group === '' && short === 'v1' && kind === 'Pod';
    throw new Error(
      known
        ? `converting (${short}.${kind}) to (v1alpha1.ImageReview): unknown conversion`
        : `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(version)} in scheme "pkg/runtime/scheme.go:111"`,
    );
  }
  const status = review['status'] ?? {};
  if (!isRecord(status)) throw mismatch(status, 'ImageReview.status', 'v1alpha1.ImageReviewStatus');
  const { allowed = null, reason = null, auditAnnotations = null } = status;
  if (allowed !== null && typeof allowed !== 'boolean') throw mismatch(allowed, 'ImageReviewStatus.status.allowed', 'bool');
  if (reason !== null && typeof reason !== 'string') throw mismatch(reason, 'ImageReviewStatus.status.reason', 'string');
  return { allowed: allowed === true, reason: reason ?? '', auditAnnotations: annotationsOf(auditAnnotations) };
}

/** Those whose keys cannot be names are left out, as the real audit log does. */
function annotationsOf(value: unknown): readonly (readonly [string, string])[] {
  if (value === null) return [];
  const field = 'ImageReviewStatus.status.auditAnnotations';
  if (!isRecord(value)) throw mismatch(value, field, 'map[string]string');
  const annotations: [string, string][] = [];
  for (const [key, one] of Object.entries(value)) {
    if (typeof one !== 'string') throw mismatch(one, field, 'string');
    if (isNamePart(key) && annotations.length < mostAnnotations) annotations.push([key, one]);
  }
  return annotations;
}

/** Whether a text can stand behind the slash of an annotation's key. */
function isNamePart(text: string): boolean {
  return text.length <= 63 && /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(text);
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What is no JSON may still be YAML: one text.
    value = '';
  }
  if (isRecord(value)) return value;
  throw new Error(
    `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonName(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
  );
}

function mismatch(value: unknown, field: string, type: string): Error {
  return new Error(`json: cannot unmarshal ${jsonName(value)} into Go struct field ${field} of type ${type}`);
}

/** A Status says it itself. One that forbids is passed on as it is. */
function refusal(code: number, text: string): Error {
  const status = statusOf(text);
  if (status !== undefined) {
    const message = textOf(status['message']).slice(0, longestShown);
    return code === 403 ? new ApiError(403, 'Forbidden', message) : new Error(message);
  }
  if (code === 403)
    return new ApiError(403, 'Forbidden', 'unknown', { causes: [{ reason: 'UnexpectedServerResponse', message: 'unknown' }] });
  const own = statusTexts.get(code);
  if (own !== undefined) return new Error(own);
  if (code >= 500) return new Error('an error on the server ("unknown") has prevented the request from succeeding');
  return new Error(`the server responded with the status code ${code} but did not return more information`);
}

/** What is a Status with a message. */
function statusOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) && value['kind'] === 'Status' && textOf(value['message']) !== '' ? value : undefined;
  } catch {
    return undefined;
  }
}
