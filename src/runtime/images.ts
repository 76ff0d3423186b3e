// The images of a node, and which images there are in this world.
import { createHash } from 'node:crypto';
import { ImagePullError, type ImageService, type RuntimeImage } from './cri.js';
import { behaviourOf, type ImageBehaviour } from './image-behaviours.js';
import { ImageNameError, parseImageName, referenceOf, type ImageName } from './image-name.js';

/** How many images a node keeps; the one pulled longest ago goes first. */
const most = 1000;
/** Repositories and tags that begin so cannot be pulled. */
const missing = ['nosuch', 'no-such', 'nonexistent', 'non-existent', 'does-not-exist', 'doesnotexist'];

/**
 * Makes a node's empty store of images. Every image can be pulled, at once, but for these (the convention of this double):
 * those of a registry with `invalid` as a part of its host name (`registry.invalid`, `invalid.example`); and those whose last part of the
 * repository, or tag, is `invalid` or `404`, begins with `invalid-`, or begins with `nosuch`, `no-such`, `nonexistent`, `non-existent`,
 * `does-not-exist` or `doesnotexist`.
 */
export function createImageService(behaviours: readonly ImageBehaviour[]): ImageService {
  const images = new Map<string, RuntimeImage>();
  return {
    imageStatus(image) {
      const known = images.get(image);
      if (known) return known;
      const name = nameOf(image);
      return name && images.get(referenceOf(name));
    },
    async pullImage(image) {
      const name = parsed(image);
      const reference = referenceOf(name);
      const why = unpullable(name, reference);
      if (why !== undefined) throw new ImagePullError('ErrImagePull', why);
      const pulled = images.get(reference) ?? describe(name, reference, behaviours);
      images.delete(reference);
      images.set(reference, pulled);
      if (images.size > most) images.delete(images.keys().next().value as string);
      return pulled;
    },
    listImages: () => [...images.values()],
  };
}

function parsed(image: string): ImageName {
  try {
    return parseImageName(image);
  } catch (error) {
    if (error instanceof ImageNameError) throw new ImagePullError('InvalidImageName', error.message);
    throw error;
  }
}

function nameOf(image: string): ImageName | undefined {
  try {
    return parseImageName(image);
  } catch (error) {
    if (error instanceof ImageNameError) return undefined;
    throw error;
  }
}

function describe(name: ImageName, reference: string, behaviours: readonly ImageBehaviour[]): RuntimeImage {
  const digest = name.digest ?? `sha256:${createHash('sha256').update(reference).digest('hex')}`;
  const madeUp = 20_000_000 + (Number.parseInt(digest.slice(-8), 16) % 200_000_000);
  return {
    reference,
    id: `${name.registry}/${name.repository}@${digest}`,
    sizeBytes: behaviourOf(behaviours, name.repository)?.sizeBytes ?? madeUp,
  };
}

/** What the runtime says when an image cannot be pulled; undefined when it can. */
function unpullable({ registry, repository, tag }: ImageName, reference: string): string | undefined {
  const unresolved = `failed to pull and unpack image "${reference}": failed to resolve reference "${reference}"`;
  const host = registry.split(':')[0]!;
  if (host.split('.').includes('invalid')) {
    const url = `https://${registry}/v2/${repository}/manifests/${tag ?? 'latest'}`;
    return `${unresolved}: failed to do request: Head "${url}": dial tcp: lookup ${host}: no such host`;
  }
  if (isMissing(repository.slice(repository.lastIndexOf('/') + 1))) {
    return `${unresolved}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`;
  }
  if (tag !== undefined && isMissing(tag)) return `rpc error: code = NotFound desc = ${unresolved}: ${reference}: not found`;
  return undefined;
}

function isMissing(part: string): boolean {
  return part === 'invalid' || part === '404' || part.startsWith('invalid-') || missing.some((one) => part.startsWith(one));
}
