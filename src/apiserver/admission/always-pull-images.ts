// AlwaysPullImages: no pod uses an image that another pod's secrets had pulled.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#alwayspullimages
import type { Container, Pod, PodSpec } from '../../../openapi/types/core.v1.js';
import { notSupported, type FieldError } from '../../apimachinery/errors/field-error.js';
import { forbidden } from '../../apimachinery/errors/api-error.js';
import { isRecord, type Mutable } from '../../apimachinery/object.js';
import type { AdmissionPlugin, AdmissionRequest } from './chain.js';
import { changeSpec, isPodWrite, specOf } from './pod-requests.js';

const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** The images that a spec names. */
function imagesOf(spec: Partial<PodSpec> | undefined): Set<string> {
  const containers = lists.flatMap((list) => (spec?.[list] ?? []) as readonly Pick<Container, 'image'>[]);
  const volumes = (spec?.volumes ?? []).flatMap(({ image }) => image?.reference ?? []);
  return new Set([...containers.map(({ image }) => image ?? ''), ...volumes]);
}

/** An update that brings no image is left alone: the plugin may be newer than the pod. */
function bringsImages(request: AdmissionRequest): boolean {
  if (request.operation === 'CREATE') return true;
  const before = imagesOf((request.old as Pod | undefined)?.spec);
  return [...imagesOf(specOf(request))].some((image) => !before.has(image));
}

function withPolicy(container: unknown): unknown {
  return isRecord(container) ? { ...container, imagePullPolicy: 'Always' } : container;
}

function imageVolume(volume: unknown): unknown {
  if (!isRecord(volume) || !isRecord(volume['image'])) return volume;
  return { ...volume, image: { ...volume['image'], pullPolicy: 'Always' } };
}

/** Sets the pull policy of pods' containers and image volumes to Always. */
export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  handles: isPodWrite,
  admit: (request) => {
    const spec = specOf(request);
    if (spec === undefined || !bringsImages(request)) return;
    const changes: Mutable = {};
    for (const list of lists) if (Array.isArray(spec[list])) changes[list] = (spec[list] as unknown[]).map(withPolicy);
    if (Array.isArray(spec['volumes'])) changes['volumes'] = (spec['volumes'] as unknown[]).map(imageVolume);
    changeSpec(request, changes);
  },
  // Others may have changed the pod meanwhile.
  validate: (request) => {
    if (!bringsImages(request)) return;
    const spec = specOf(request) as Partial<PodSpec> | undefined;
    const errors: FieldError[] = lists.flatMap((list) =>
      (spec?.[list] ?? []).flatMap(({ imagePullPolicy }, index) =>
        imagePullPolicy === 'Always' ? [] : [notSupported(`spec.${list}[${index}].imagePullPolicy`, imagePullPolicy ?? '', ['Always'])],
      ),
    );
    for (const [index, { image }] of (spec?.volumes ?? []).entries()) {
      if (image !== undefined && image.pullPolicy !== 'Always')
        errors.push(notSupported(`spec.volumes[${index}].image.pullPolicy`, image.pullPolicy ?? '', ['Always']));
    }
    if (errors.length === 0) return;
    const texts = errors.map(({ field, message }) => `${field}: ${message}`);
    throw forbidden(request.kind, request.name, texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`);
  },
};
