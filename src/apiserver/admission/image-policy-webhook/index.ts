// ImagePolicyWebhook: a program outside of the cluster says which images may run.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#imagepolicywebhook
import type { Container, Pod, PodSpec } from '../../../../openapi/types/core.v1.js';
import { ApiError, forbidden } from '../../../apimachinery/errors/api-error.js';
import type { KubeObject } from '../../../apimachinery/object.js';
import type { Clock } from '../../../clock/clock.js';
import type { AdmissionPlugin, AdmissionRequest } from '../chain.js';
import { specOf } from '../pod-requests.js';
import type { ReviewStatus } from './answer.js';
import { imagePolicyBackend, type ReviewSpec } from './backend.js';
import type { ImagePolicy } from './configuration.js';

/** Annotations of pods that the webhook is told. */
const told = '.image-policy.k8s.io/';
const auditPrefix = 'imagepolicywebhook.image-policy.k8s.io/';

/** Refuses with 403 pods with an image that the webhook does not allow; when it does not answer, as the configuration says. */
export function imagePolicyWebhook(policy: ImagePolicy, systemClock: Clock): AdmissionPlugin {
  const review = imagePolicyBackend(policy, systemClock);
  return {
    name: 'ImagePolicyWebhook',
    handles: ({ operation, kind, subresource }) =>
      kind.group === '' &&
      kind.resource === 'pods' &&
      (operation === 'CREATE'
        ? subresource === ''
        : operation === 'UPDATE' && (subresource === '' || subresource === 'ephemeralcontainers')),
    validate: async (request) => {
      const images = imagesOf(request);
      if (images.length === 0) return;
      let answer: ReviewStatus;
      try {
        answer = await review(specOfReview(request, images));
      } catch (error) {
        if (!policy.defaultAllow) throw error instanceof ApiError ? error : forbidden(request.kind, request.name, (error as Error).message);
        request.audit?.annotate(`${auditPrefix}failed-open`, 'true');
        return;
      }
      for (const [key, value] of answer.auditAnnotations) request.audit?.annotate(auditPrefix + key, value);
      if (answer.allowed) return;
      const why =
        answer.reason === ''
          ? 'one or more images rejected by webhook backend'
          : `image policy webhook backend denied one or more images: ${answer.reason}`;
      throw forbidden(request.kind, request.name, why);
    },
  };
}

/** The images to ask about: of ephemeral containers only when there is another one. */
function imagesOf(request: AdmissionRequest): readonly string[] {
  const now = specOf(request) as Partial<PodSpec> | undefined;
  const before = (request.old as Pod | undefined)?.spec;
  const images = (spec: Partial<PodSpec> | undefined, list: 'containers' | 'initContainers' | 'ephemeralContainers'): string[] =>
    ((spec?.[list] ?? []) as readonly Pick<Container, 'image'>[]).map(({ image }) => image ?? '');
  if (request.subresource !== 'ephemeralcontainers') return [...images(now, 'containers'), ...images(now, 'initContainers')];
  const asked = images(now, 'ephemeralContainers');
  const known = images(before, 'ephemeralContainers');
  return asked.length === known.length && asked.every((image, index) => image === known[index]) ? [] : asked;
}

function specOfReview({ object, namespace }: AdmissionRequest, images: readonly string[]): ReviewSpec {
  const { annotations = {} } = (object as unknown as KubeObject).metadata;
  const passed = Object.entries(annotations).filter(([key]) => key.includes(told));
  return {
    containers: images.map((image) => ({ image })),
    ...(passed.length === 0 ? {} : { annotations: Object.fromEntries(passed) }),
    namespace,
  };
}
