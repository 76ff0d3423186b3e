// What the webhook of ImagePolicyWebhook says, or in the real server's words why it is no answer.
import { ApiError } from '../../../apimachinery/errors/api-error.js';
import { isRecord } from '../../../apimachinery/object.js';
import { textOf } from '../../authentication/configuration-file.js';
import type { OutboundAnswer } from '../../authentication/outbound.js';
import { isStatus, serverError } from '../../authentication/server-error.js';
import { mismatch, objectOf, ReviewProblem, unregistered } from '../../authentication/webhook-answer.js';

export interface ReviewStatus {
  readonly allowed: boolean;
  readonly reason: string;
  /** Under names that may be names of annotations. */
  readonly auditAnnotations: readonly (readonly [string, string])[];
}

export const imageReviewVersion = 'imagepolicy.k8s.io/v1alpha1';
const mostAnnotations = 100;

/** Throws {@link ReviewProblem}, or ApiError for a refusal that is passed on, when it is none; its message is told to whoever makes the pod. */
export function readImageReview(answer: OutboundAnswer): ReviewStatus {
  const { status: code, text, contentType } = answer;
  const problem = serverError(answer);
  if (problem !== undefined) throw code === 403 ? refusal(problem, text) : new ReviewProblem(problem);
  if (text === '') throw new ReviewProblem(`0-length response with status code: ${code} and content type: ${contentType}`);
  const review = objectOf(text);
  const kind = textOf(review['kind']);
  const version = textOf(review['apiVersion']);
  // What says neither is taken for what was asked for.
  const [group, short] = [version.slice(0, Math.max(0, version.lastIndexOf('/'))), version.split('/').pop()!];
  if ((kind !== '' && kind !== 'ImageReview') || (version !== '' && version !== imageReviewVersion)) {
    const known = group === '' && short === 'v1' && kind === 'Pod';
    throw known
      ? new ReviewProblem(`converting (${short}.${kind}) to (v1alpha1.ImageReview): unknown conversion`)
      : unregistered(kind, version);
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

/** One that forbids is passed on as it is. */
function refusal(problem: string, text: string): ApiError {
  const causes = isStatus(text) ? undefined : { causes: [{ reason: 'UnexpectedServerResponse', message: problem }] };
  return new ApiError(403, 'Forbidden', problem, causes);
}
