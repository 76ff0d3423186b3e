// Asks the webhook of ImagePolicyWebhook, a few times if need be, and remembers its answers.
import { LRUCache } from 'lru-cache';
import { createHash } from 'node:crypto';
import type { Clock } from '../../../clock/clock.js';
import { askWebhook, type OutboundAnswer } from '../../authentication/outbound.js';
import { imageReviewVersion, readImageReview, type ReviewStatus } from './answer.js';
import type { ImagePolicy } from './configuration.js';

/** What a review asks about. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#request-payloads */
export interface ReviewSpec {
  readonly containers: readonly { readonly image: string }[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly namespace: string;
}

const patience = 30_000;
const mostRemembered = 1024;
const mostAsking = 500;

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
  const review = { kind: 'ImageReview', apiVersion: imageReviewVersion, metadata: {}, spec, status: { allowed: false } };
  let answer: OutboundAnswer;
  try {
    answer = await askWebhook(backend, review, clock, patience, retryBackoff);
  } catch (error) {
    throw new Error(`Post "${backend.server}?timeout=${patience / 1000}s": ${error instanceof Error ? error.message : String(error)}`);
  }
  return readImageReview(answer);
}
