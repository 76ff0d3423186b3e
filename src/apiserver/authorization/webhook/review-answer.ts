// What a webhook answers to a SubjectAccessReview. Whatever is no such answer is a failure, in the real server's words.
import { isRecord } from '../../../apimachinery/object.js';
import { textOf } from '../../authentication/configuration-file.js';
import type { OutboundAnswer } from '../../authentication/outbound.js';
import { longestShown, serverError } from '../../authentication/server-error.js';
import { mismatch, objectOf, ReviewProblem, unregistered } from '../../authentication/webhook-answer.js';
import type { Decision } from '../authorizer.js';

const group = 'authorization.k8s.io';

/** Throws {@link ReviewProblem}. An answer that says both is a no. */
export function readReview(given: OutboundAnswer, version: 'v1' | 'v1beta1'): Decision {
  const { status, text } = given;
  const problem = serverError(given);
  if (problem !== undefined) throw new ReviewProblem(problem);
  if (text === '') throw new ReviewProblem(`0-length response with status code: ${status} and content type: application/json`);
  const review = objectOf(text);
  const { apiVersion, kind, status: answer } = review;
  if (textOf(kind) === '') throw new ReviewProblem(`Object 'Kind' is missing in '${text.slice(0, longestShown)}'`);
  const short = textOf(apiVersion).split('/').pop()!;
  if (kind !== 'SubjectAccessReview' || short !== version)
    throw new ReviewProblem(`converting (${short}.${textOf(kind)}) to (${version}.SubjectAccessReview): unknown conversion`);
  if (apiVersion !== `${group}/${version}`) throw unregistered('SubjectAccessReview', textOf(apiVersion));
  if (answer === undefined || answer === null) return { allowed: false, reason: '' };
  if (!isRecord(answer)) throw mismatch(answer, 'SubjectAccessReview.status', 'v1.SubjectAccessReviewStatus');
  const flag = (name: string): boolean => {
    const value = answer[name] ?? false;
    if (typeof value !== 'boolean') throw mismatch(value, `SubjectAccessReviewStatus.status.${name}`, 'bool');
    return value;
  };
  const said = answer['reason'] ?? '';
  if (typeof said !== 'string') throw mismatch(said, 'SubjectAccessReviewStatus.status.reason', 'string');
  const [allowed, denied] = [flag('allowed'), flag('denied')];
  if (allowed && denied)
    return { allowed: false, denied, reason: said, error: 'webhook subject access review returned both allow and deny response' };
  return { allowed, reason: said, ...(denied ? { denied } : {}) };
}
