// Asks the webhook of ImagePolicyWebhook, a few times if need be, and remembers its answers.
import { LRUCache } from 'lru-cache';
import { createHash } from 'node:crypto';
import { isRecord } from '../../../apimachinery/object.js';
import type { Clock } from '../../../clock/clock.js';
import { askWebhook } from '../../authentication/outbound.js';
import type { ImagePolicy } from './configuration.js';

/** What a review asks about. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#request-payloads */
export interface ReviewSpec {
  readonly containers: readonly { readonly image: string }[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly namespace: string;
}

export interface ReviewStatus {
  readonly allowed: boolean;
  readonly reason: string;
  readonly auditAnnotations: readonly (readonly [string, string])[];
}

const apiVersion = 'imagepolicy.k8s.io/v1alpha1';
const patience = 30_000;
const mostRemembered = 1024;
const mostAsking = 500;
const mostAnnotations = 100;

/** @param clock real time: the webhook is outside of the cluster */
export function imagePolicyBackend(policy: ImagePolicy, clock: Clock): (spec: ReviewSpec) => Promise<ReviewStatus> {
  const remembered = new LRUCache<string, { readonly status: ReviewStatus; readonly until: number }>({ max: mostRemembered });
  let asking = 0;
  return async (spec) => {
    const key = createHash('sha256').update(JSON.stringify(spec)).digest('base64');
    const known = remembered.get(key);
    if (known !== undefined && known.until > clock.monotonic()) return known.status;
    if (asking >= mostAsking) throw new Error('too many questions to the image policy webhook at once');
    asking++;
    try {
      const status = await question(policy, spec, clock);
      remembered.set(key, { status, until: clock.monotonic() + (status.allowed ? policy.allowTtl : policy.denyTtl) });
      return status;
    } finally {
      asking--;
    }
  };
}

/** Rejects with an Error whose message is told to whoever makes the pod. */
async function question({ backend, retryBackoff }: ImagePolicy, spec: ReviewSpec, clock: Clock): Promise<ReviewStatus> {
  const review = { kind: 'ImageReview', apiVersion, metadata: {}, spec, status: { allowed: false } };
  const { status, text } = await askWebhook(backend, review, clock, patience, retryBackoff);
  return readAnswer(status, text);
}

function readAnswer(code: number, text: string): ReviewStatus {
  if (code >= 500) throw new Error('an error on the server ("unknown") has prevented the request from succeeding');
  if (code < 200 || code > 299) throw new Error('the server rejected our request for an unknown reason');
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (error) {
    throw new Error(`couldn't get version/kind; json parse error: ${(error as Error).message}`);
  }
  if (!isRecord(answer)) throw new Error("couldn't get version/kind; json parse error: the answer is no object");
  const { kind, apiVersion: version } = answer;
  if (kind !== 'ImageReview' || version !== apiVersion)
    throw new Error(
      `no kind ${JSON.stringify(kind ?? '')} is registered for version ${JSON.stringify(version ?? '')}: use ImageReview of ${apiVersion}`,
    );
  const status = isRecord(answer['status']) ? answer['status'] : {};
  const annotations = isRecord(status['auditAnnotations']) ? Object.entries(status['auditAnnotations']) : [];
  return {
    allowed: status['allowed'] === true,
    reason: typeof status['reason'] === 'string' ? status['reason'] : '',
    auditAnnotations: annotations.filter((one): one is [string, string] => typeof one[1] === 'string').slice(0, mostAnnotations),
  };
}
