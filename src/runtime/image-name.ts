// Names of images: registry, repository, tag and digest, as container runtimes complete them.
// https://kubernetes.io/docs/concepts/containers/images/#image-names

export interface ImageName {
  /** `docker.io`, `registry.k8s.io`, `localhost:5000`. */
  readonly registry: string;
  /** `library/nginx`. */
  readonly repository: string;
  /** Absent when there is a digest alone. */
  readonly tag: string | undefined;
  /** `sha256:…`. */
  readonly digest: string | undefined;
}

/** The text is no image name; the message is the kubelet's. */
export class ImageNameError extends Error {}

const longestName = 4096;

/** The parts of an image's name; `nginx` is `docker.io/library/nginx:latest`. Throws ImageNameError. */
export function parseImageName(image: string): ImageName {
  const refuse = (why: string): ImageNameError =>
    new ImageNameError(
      `Failed to apply default image tag ${JSON.stringify(image)}: couldn't parse image name ${JSON.stringify(image)}: ${why}`,
    );
  if (image.length > longestName) throw refuse('repository name must not be more than 255 characters');
  const at = image.indexOf('@');
  const digest = at < 0 ? undefined : image.slice(at + 1);
  const named = at < 0 ? image : image.slice(0, at);
  const slash = named.lastIndexOf('/');
  const colon = named.indexOf(':', slash + 1);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  const path = colon < 0 ? named : named.slice(0, colon);
  const [head = '', ...rest] = path.split('/');
  const hasRegistry = rest.length > 0 && (head.includes('.') || head.includes(':') || head === 'localhost');
  const registry = hasRegistry ? (head === 'index.docker.io' ? 'docker.io' : head) : 'docker.io';
  const short = hasRegistry ? rest.join('/') : path;
  const repository = registry === 'docker.io' && !short.includes('/') ? `library/${short}` : short;
  if (short !== short.toLowerCase()) throw refuse(`invalid reference format: repository name (${repository}) must be lowercase`);
  const components = short.split('/');
  const wellFormed = components.every((one) => /^[a-z0-9._-]+$/.test(one) && /^[a-z0-9]/.test(one) && /[a-z0-9]$/.test(one));
  if (
    !wellFormed ||
    (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag)) ||
    (digest !== undefined && !/^[a-z0-9+._-]+:[0-9a-fA-F]{32,}$/.test(digest))
  ) {
    throw refuse('invalid reference format');
  }
  return { registry, repository, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}

/** `docker.io/library/nginx:latest`, or with the digest when there is one. */
export function referenceOf({ registry, repository, tag, digest }: ImageName): string {
  return `${registry}/${repository}${digest === undefined ? `:${tag ?? 'latest'}` : `@${digest}`}`;
}
