// What a webhook answers to a SubjectAccessReview. Whatever is no such answer is a failure, in the real server's words.
import { isRecord } from '../../../apimachinery/object.js';
import { jsonName, textOf } from '../../authentication/configuration-file.js';
import type { OutboundAnswer } from '../../authentication/outbound.js';
import type { Decision } from '../authorizer.js';

/** The webhook has not answered the question. */
export class ReviewProblem extends Error {}

const group = 'authorization.k8s.io';
const statusTexts: ReadonlyMap<number, string> = new Map([
  [401, 'Unauthorized'],
  [404, 'the server could not find the requested resource'],
  [405, 'the server does not allow this method on the requested resource'],
  [429, 'the server has received too many requests and has asked us to try again later'],
]);
const longestShown = 2048;

/** Throws {@link ReviewProblem}. An answer that says both is a no. */
export function readReview({ status, text }: OutboundAnswer, version: 'v1' | 'v1beta1'): Decision {
  if (status < 200 || status > 299) throw new ReviewProblem(refusal(status, text));
  if (text === '') throw new ReviewProblem(`0-length response with status code: ${status} and content type: application/json`);
  const review = objectOf(text);
  const { apiVersion, kind, status: answer } = review;
  if (textOf(kind) === '') throw new ReviewProblem(`Object 'Kind' is missing in '${text.slice(0, longestShown)}'`);
  const short = textOf(apiVersion).split('/').pop()!;
  if (kind !== 'SubjectAccessReview' || short !== version)
    throw new ReviewProblem(`converting (${short}.${textOf(kind)}) to (${version}.SubjectAccessReview): unknown conversion`);
  if (apiVersion !== `${group}/${version}`)
    throw new ReviewProblem(
      `no kind "SubjectAccessReview" is registered for version ${JSON.stringify(textOf(apiVersion))} in scheme "pkg/runtime/scheme.go:111"`,
    );
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

function objectOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What is no JSON may still be YAML: one text.
    value = '';
  }
  if (isRecord(value)) return value;
  throw new ReviewProblem(
    `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonName(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
  );
}

function mismatch(value: unknown, field: string, type: string): ReviewProblem {
  return new ReviewProblem(`json: cannot unmarshal ${jsonName(value)} into Go struct field ${field} of type ${type}`);
}

/** A Status says it itself. */
function refusal(status: number, text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value) && value['kind'] === 'Status' && textOf(value['message']) !== '')
      return textOf(value['message']).slice(0, longestShown);
  } catch {
    // Then the number has to do.
  }
  const shown = text.slice(0, longestShown);
  if (status >= 500) return `an error on the server (${JSON.stringify(shown)}) has prevented the request from succeeding`;
  if (status === 403) return shown;
  return statusTexts.get(status) ?? `the server rejected our request for an unknown reason (${status})`;
}
