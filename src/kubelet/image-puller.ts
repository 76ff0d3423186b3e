// Sees that a container's image is on the node: pull policy, events, and the back-off after failures.
// https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy
import { ImagePullError, type RuntimeImage } from '../runtime/cri.js';
import { ImageNameError, parseImageName } from '../runtime/image-name.js';
import { pullPolicy, type NodeContext, type PodEvents } from './node-context.js';
import type { ContainerRecord, ContainerSpec } from './pod-record.js';

const firstDelay = 10_000;
const longestDelay = 300_000;
/** How long ErrImagePull shows before it turns into ImagePullBackOff. */
const errorShows = 1000;

/** Resolves with the image, or undefined when it cannot be had now: `container` then says why it waits, and until when. */
export async function ensureImage(
  node: NodeContext,
  events: PodEvents,
  spec: ContainerSpec,
  container: ContainerRecord,
): Promise<RuntimeImage | undefined> {
  const image = spec.image ?? '';
  const policy = pullPolicy(spec);
  const present = node.images.imageStatus(image);
  if (present && policy !== 'Always') {
    events.container(container, 'Normal', 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`);
    container.pullFailure = undefined;
    return present;
  }
  const now = node.clock.now();
  if (container.pullFailure && now < container.pullFailure.retryAt) {
    backOff(events, image, container, container.pullFailure.retryAt);
    return undefined;
  }
  const invalid = nameProblem(image);
  if (invalid !== undefined) {
    events.container(container, 'Warning', 'InspectFailed', invalid);
    events.container(container, 'Warning', 'Failed', 'Error: InvalidImageName');
    container.waiting = { reason: 'InvalidImageName', message: invalid };
    container.notBefore = now + longestDelay;
    return undefined;
  }
  return policy === 'Never' ? await loaded(node, events, image, container) : await pull(node, events, image, container);
}

function nameProblem(image: string): string | undefined {
  try {
    parseImageName(image);
    return undefined;
  } catch (error) {
    if (error instanceof ImageNameError) return error.message;
    throw error;
  }
}

function backOff(events: PodEvents, image: string, container: ContainerRecord, until: number): void {
  const message = `Back-off pulling image "${image}"`;
  events.container(container, 'Normal', 'BackOff', message);
  events.container(container, 'Warning', 'Failed', 'Error: ImagePullBackOff');
  container.waiting = { reason: 'ImagePullBackOff', message: `${message}: ErrImagePull: ${container.pullFailure?.message ?? ''}` };
  container.notBefore = until;
}

async function pull(node: NodeContext, events: PodEvents, image: string, container: ContainerRecord): Promise<RuntimeImage | undefined> {
  events.container(container, 'Normal', 'Pulling', `Pulling image "${image}"`);
  const since = node.clock.monotonic();
  try {
    const pulled = await node.images.pullImage(image);
    const took = durationText(node.clock.monotonic() - since);
    events.container(
      container,
      'Normal',
      'Pulled',
      `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${pulled.sizeBytes} bytes.`,
    );
    container.pullFailure = undefined;
    return pulled;
  } catch (error) {
    if (!(error instanceof ImagePullError)) throw error;
    events.container(container, 'Warning', 'Failed', `Failed to pull image "${image}": ${error.message}`);
    events.container(container, 'Warning', 'Failed', `Error: ${error.reason}`);
    const now = node.clock.now();
    const delay = container.pullFailure ? Math.min(container.pullFailure.delay * 2, longestDelay) : firstDelay;
    container.pullFailure = { delay, retryAt: now + delay, message: error.message };
    container.waiting = { reason: error.reason, message: error.message };
    container.notBefore = now + errorShows;
    return undefined;
  }
}

/** With the policy Never an image counts as loaded onto the node beforehand, as `kind load` does it, unless there is no such image. */
async function loaded(node: NodeContext, events: PodEvents, image: string, container: ContainerRecord): Promise<RuntimeImage | undefined> {
  try {
    const found = await node.images.pullImage(image);
    events.container(container, 'Normal', 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`);
    return found;
  } catch (error) {
    if (!(error instanceof ImagePullError)) throw error;
    const message = `Container image "${image}" is not present with pull policy of Never`;
    events.container(container, 'Warning', 'ErrImageNeverPull', message);
    events.container(container, 'Warning', 'Failed', 'Error: ErrImageNeverPull');
    container.waiting = { reason: 'ErrImageNeverPull', message };
    container.notBefore = node.clock.now() + longestDelay;
    return undefined;
  }
}

/** As Go prints a duration cut to milliseconds: `0s`, `12ms`, `1.204s`. */
function durationText(milliseconds: number): string {
  const whole = Math.floor(milliseconds);
  if (whole === 0) return '0s';
  return whole < 1000 ? `${whole}ms` : `${whole / 1000}s`;
}
