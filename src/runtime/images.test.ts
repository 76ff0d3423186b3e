// Names of images, and which can be pulled.
import { imageBehaviours } from './image-behaviours.js';
import { ImageNameError, parseImageName, referenceOf } from './image-name.js';
import { createImageService } from './images.js';

test.each([
  ['nginx', 'docker.io/library/nginx:latest'],
  ['bitnami/redis:7', 'docker.io/bitnami/redis:7'],
  ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
  ['localhost:5000/app', 'localhost:5000/app:latest'],
  ['docker.io/nginx', 'docker.io/library/nginx:latest'],
  [`nginx@sha256:${'a'.repeat(64)}`, `docker.io/library/nginx@sha256:${'a'.repeat(64)}`],
])('%s is %s', (image, reference) => {
  expect(referenceOf(parseImageName(image))).toBe(reference);
});

test.each(['', 'UPPER', 'a//b', 'nginx:', 'nginx:a b', 'nginx@sha256:x', '/nginx', 'a'.repeat(5000)])('%j is no image name', (image) => {
  expect(() => parseImageName(image)).toThrow(ImageNameError);
});

test('images are there once pulled, with the same id everywhere', async () => {
  const images = createImageService(imageBehaviours);
  expect(images.imageStatus('nginx')).toBeUndefined();
  const pulled = await images.pullImage('nginx');
  expect(images.imageStatus('docker.io/library/nginx:latest')).toEqual(pulled);
  expect((await createImageService([]).pullImage('docker.io/nginx')).id).toBe(pulled.id);
  expect(images.listImages()).toEqual([pulled]);
});

test.each([
  ['nginx:nosuch', 'docker.io/library/nginx:nosuch: not found'],
  ['nosuch-image', 'pull access denied, repository does not exist or may require authorization'],
  ['invalid.example/app', 'lookup invalid.example: no such host'],
  ['invalid.registry.k8s.io/invalid/alpine:3.1', 'no such host'],
])('%s cannot be pulled', async (image, why) => {
  await expect(createImageService([]).pullImage(image)).rejects.toMatchObject({
    reason: 'ErrImagePull',
    message: expect.stringContaining(why) as string,
  });
});

test('names that only look like it can', async () => {
  await expect(createImageService([]).pullImage('example.com/invalidator:valid')).resolves.toBeDefined();
});
